"""Whether a mail system wrote a mail, and whether it wrote it about mail that failed.

Free text is read only then.  Others write of failures too: parcel services, banks, cron jobs, statistics, trackers,
people.  The words by which they are known are data (general.toml).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.formats.data import words
from dsnparse.formats.phrases import is_letter, says_failure
from dsnparse.reports.notice import looks_like_notice, notice_subject

if TYPE_CHECKING:
    from dsnparse.formats.notice import Notice

__all__ = ["answers", "is_system", "looks"]

_HEAD: Final = 250  # characters at the start of a text in which a notice says what it is
_TOPIC: Final = 1_500  # characters in which a text says what it is about
_CODE: Final = re.compile(r"(?<![\w.:/@-])[45]\d\d[ -]|(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?![\w.])")


def looks(notice: Notice) -> bool:
    """Tell whether a mail system wrote this; a bounce that came back over a list bears the list's header fields too."""
    message = notice.message
    if not (looks_like_notice(message) or (notice.by_daemon and notice_subject(message))):
        return False
    return notice.marked or (not _of_another_program(notice) and (notice.by_daemon or _about_mail(notice)))


def _of_another_program(notice: Notice) -> bool:
    """Tell whether a program that watches, counts or holds mail wrote this."""
    subject = notice.subject.strip()
    counted = subject.startswith(words("periods")) and any(word in subject for word in words("summaries"))
    return (
        counted or subject.startswith(words("other_subjects")) or notice.message.header.has_any(words("other_headers"))
    )


def _about_mail(notice: Notice) -> bool:
    """Tell whether a mail that no mail system signed speaks of mail, not of a parcel or a payment."""
    text = f"{notice.subject}\n{notice.flat[:_TOPIC]}"
    if not notice.by_nobody:
        if notice.subject.lstrip().startswith("["):  # the tag of a list or a tracker, in which people write
            return False
        if not any(word in text for word in words("mail")):
            return False
    carried = any(word in text for word in words("goods"))
    return not carried or any(word in text for word in words("technical"))


def is_system(notice: Notice) -> bool:
    """Tell whether this is a failure notice by more than one sign: what the general reader asks for.

    A postmaster also writes letters and statistics: his mail needs the subject of a notice too, and a letter of his a
    reply code.  Whoever else writes as
    nobody may be on holiday: his mail needs a reply code, or the subject of a notice.  The subject alone will do where
    the text begins with a failure and does not greet.
    """
    if notice.marked:
        return True
    titled = notice_subject(notice.message)
    if notice.by_daemon:
        written = "postmaster" in notice.sender and not notice.by_nobody
        return not written or (titled and not (is_letter(notice.flat) and not _CODE.search(notice.flat)))
    if notice.by_nobody:
        return titled or _says_so(notice)
    return says_failure(notice.flat[:_HEAD]) and not is_letter(notice.flat)


def _says_so(notice: Notice) -> bool:
    """Tell whether the text of a mail without a notice's subject is one all the same."""
    return _CODE.search(notice.flat) is not None or (
        any(word in notice.flat[:_TOPIC] for word in words("mail")) and says_failure(notice.flat[:_HEAD])
    )


def answers(notice: Notice) -> bool:
    """Tell whether a person's mailbox answers: the person is away or has left, or nobody reads what comes there."""
    if notice.marked or notice.by_daemon or notice_subject(notice.message) or _CODE.search(notice.flat):
        return False
    return any(phrase in notice.flat for phrase in words("absence"))

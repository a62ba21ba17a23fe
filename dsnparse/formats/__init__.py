"""Step 4: the free text of notices, where the machine-readable part is missing or left something open.

The formats are asked in order: the rows of formats.toml, then the general reader, flufl.bounce last.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dsnparse.formats import flufl, general
from dsnparse.formats.gaps import fill, is_thin
from dsnparse.formats.notice import Notice
from dsnparse.formats.phrases import is_letter, says_failure
from dsnparse.formats.registry import formats
from dsnparse.formats.settle import settle
from dsnparse.model import Kind
from dsnparse.reports.notice import from_daemon, looks_like_notice, notice_subject, null_return_path

if TYPE_CHECKING:
    from dsnparse.message import Message
    from dsnparse.model import Fields

_HEAD: Final = 250  # characters at the start of a text in which a notice says what it is

__all__ = ["notice_text", "read", "returned_text"]


def read(message: Message, found: Fields | None) -> Fields | None:
    """Return what the free text says.

    `found` is what the delivery-status part said: it comes back with its gaps filled, and only those.  None when there
    was no such part; then None is returned for a mail that is no notice.
    """
    notice = Notice(message)
    if found is not None:
        return fill(found, _read(notice)) if is_thin(found) else found
    fields = _read(notice, looks=_looks(message))
    if fields is None or fields.kind in {Kind.OTHER, Kind.AUTOREPLY, Kind.FEEDBACK}:
        return fields
    return replace(fields, reporting_mta=fields.reporting_mta or notice.author)


def _looks(message: Message) -> bool:
    """Tell whether a mail system wrote this; a bounce that came back over a list bears the list's header fields too."""
    return looks_like_notice(message) or (from_daemon(message) and notice_subject(message))


def _is_system(notice: Notice) -> bool:
    """Tell whether more than the subject says that a mail system wrote this: what the general reader asks for.

    A postmaster also writes letters and statistics; his mail needs the subject of a notice too.  The subject alone will
    do where the text begins with a failure and does not greet.
    """
    message = notice.message
    if notice.failed_header or message.content_type == "multipart/report" or null_return_path(message):
        return True
    if from_daemon(message):
        return notice_subject(message) or "postmaster" not in notice.sender
    return says_failure(notice.flat[:_HEAD]) and not is_letter(notice.flat)


def _read(notice: Notice, *, looks: bool = True) -> Fields | None:
    unnamed: Fields | None = None
    for known in formats():
        if (looks or known.opens(notice)) and known.tells(notice) and (fields := known.read(notice)) is not None:
            if fields.blocks or known.final:
                return settle(fields, notice)
            unnamed = unnamed or fields
    if unnamed is not None:
        return unnamed
    if not (looks and _is_system(notice)):
        return None
    fields = general.read(notice)
    if fields is not None and fields.blocks:
        return fields
    return settle(flufl.read(notice) or fields, notice)


def returned_text(message: Message) -> str | None:
    """Return the header of the returned mail where the notice carries it inside its text, else None."""
    return Notice(message).returned


def notice_text(message: Message) -> str:
    """Return the notice's text without the returned mail."""
    return Notice(message).text

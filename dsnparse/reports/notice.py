"""Whether a mail looks like a notice of a mail system: what it must look like before its free text is read as one.

A mail that merely talks about bounces comes from a person, to a person: it has none of these marks.
"""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Final

from dsnparse.reports.phrases import words
from dsnparse.text.addresses import header_addresses, is_daemon

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsnparse.message import Header, Message

__all__ = ["from_daemon", "judged_once", "looks_like_notice", "notice_subject", "null_return_path", "untagged"]

_LISTED: Final = frozenset({"list-id", "list-post", "list-unsubscribe", "x-mailman-version"})

# What people's mail programs set and mail systems do not; X-Mailer is set by some gateways too.
_PERSONAL: Final = frozenset({"in-reply-to", "references", "user-agent", "thread-index", "x-originating-ip"})

_NO_NOTICE: Final = _LISTED | _PERSONAL

_SUBJECT: Final = 100  # characters of a subject that many other mails have too


def _once(ask: Callable[[Message], bool]) -> Callable[[Message], bool]:
    """Remember the answer for a mail: the readers of reports and of formats all ask."""
    name = ask.__name__

    @wraps(ask)
    def asked(message: Message) -> bool:
        known = message.answers.get(name)
        if known is None:
            known = message.answers[name] = ask(message)
        return known

    return asked


def judged_once(ask: Callable[[str], bool]) -> Callable[[str], bool]:
    """Remember what is told of a subject: hundreds of words are looked for in it, and many mails have the same."""
    known = lru_cache(maxsize=256)(ask)

    @wraps(ask)
    def asked(subject: str) -> bool:
        return known(subject) if len(subject) <= _SUBJECT else ask(subject)

    return asked


def null_return_path(message: Message) -> bool:
    """Tell whether the envelope sender was `<>`, as it is for every notice (RFC 5321 section 4.5.5)."""
    value = message.header.raw("return-path")
    return value is not None and value.replace(" ", "").strip() in {"<>", ""}


@_once
def from_daemon(message: Message) -> bool:
    """Tell whether a mail system names itself in From, Sender or Return-Path."""
    header = message.header
    for name in ("from", "sender", "return-path"):
        value = header.get(name)
        if value and _names_daemon(value):
            return True
    if _is_listed(header):  # anybody may call himself so on a list
        return False
    display = (header.get("from") or "").partition("<")[0].strip().strip('"').lower()
    return display.startswith(words("daemon"))


def _names_daemon(value: str) -> bool:
    low = value.lower()
    if not ("daemon" in low or "postmaster" in low or "mailsystem" in low):  # one stands in each that is_daemon knows
        return False
    return any(map(is_daemon, header_addresses(value))) or is_daemon(value.partition("(")[0].strip())


def _is_listed(header: Header) -> bool:
    return header.has_any(_LISTED)


def untagged(subject: str) -> str:
    """Return a subject in lower case without the tag that a list or a ticket system put in front of it."""
    subject = subject.strip().lower()
    return subject.partition("]")[2].lstrip(" :-") if subject.startswith("[") else subject


@_once
def notice_subject(message: Message) -> bool:
    """Tell whether the subject has the words of a failure or delay notice, and is no answer or forward."""
    return _tells_failure(message.header.get("subject") or "")


@judged_once
def _tells_failure(subject: str) -> bool:
    subject = untagged(subject)
    return not subject.startswith(words("answer")) and any(map(subject.__contains__, words("notice")))


@_once
def looks_like_notice(message: Message) -> bool:
    """Tell whether a mail system seems to have written this.

    One clear mark is enough: a report type, X-Failed-Recipients, a mail system as sender.  A failure subject alone is
    not: it needs a null return path, or no return path and no sign of a mailing list or a person's mail program.
    """
    header = message.header
    if "x-failed-recipients" in header:
        return True
    if message.content_type == "multipart/report" and message.params.get("report-type", "delivery-status").lower() in {
        "delivery-status",
        "",
    }:
        return True
    if from_daemon(message):
        return not _is_listed(header)
    if null_return_path(message):
        return True
    return notice_subject(message) and not header.has_any(_NO_NOTICE)

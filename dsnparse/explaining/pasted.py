"""What somebody pasted: a whole mail, the text of a notice, replies, or bare codes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dsnparse.explaining.codes import bare_codes, codes_of
from dsnparse.model import Block, BounceType, Confidence
from dsnparse.reading import read, recipient_of
from dsnparse.smtp.reply import find
from dsnparse.smtp.reply import read as decisive

if TYPE_CHECKING:
    from dsnparse.model import Recipient
    from dsnparse.status import Rules

__all__ = ["is_mail", "read_pasted", "read_reply"]

_HEAD: Final = 64 * 1024  # bytes in which the header fields of a mail are looked for
_FIELD: Final = re.compile(rb"([!-9;-~]{1,80})[ \t]{0,8}:")
_FIELDS: Final = frozenset(
    b"from to subject date received return-path message-id mime-version content-type delivered-to reply-to cc "
    b"x-original-to x-failed-recipients auto-submitted authentication-results dkim-signature arc-seal".split()
)
_ENOUGH: Final = 2  # known fields; "Subject: ..." alone may be a pasted line

# A notice without its header is read as the body of one that a mail system sent.
_LETTERHEAD: Final = (
    "Return-Path: <>\nFrom: MAILER-DAEMON\nSubject: Undelivered Mail Returned to Sender\n"
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
)
_LINES: Final = 500  # of a pasted text that are looked at one by one
_SURE: Final = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
_LINE: Final = re.compile(r"[ \t>*\"']{0,8}[245][0-9]{2}[ -]")


def is_mail(raw: bytes) -> bool:
    """Tell whether these bytes begin with the header of a mail, and are not a reply or the text of a notice."""
    lines = raw[:_HEAD].lstrip().removeprefix(b"\xef\xbb\xbf").splitlines()
    found: set[bytes] = set()
    for number, line in enumerate(lines):
        if line.startswith((b"From ", b">From ")) or (line[:1] in (b" ", b"\t") and number):
            continue  # the line that an mbox puts in front, or a folded one
        field = _FIELD.match(line)
        if not field:
            break
        if field[1].lower() in _FIELDS:
            found.add(field[1].lower())
    return len(found) >= _ENOUGH


def read_reply(text: str, *, rules: Rules | None = None) -> Recipient:
    """Return what one reply says, as a recipient without address."""
    return recipient_of(Block(diagnostic=text.strip() or None), rules=rules)


def read_pasted(text: str, *, rules: Rules | None = None) -> tuple[tuple[str, Recipient], ...]:
    """Return what a text that is no mail says: pairs of the words that are explained and what they say.

    The text of a notice gives a pair for each recipient that it names; lines that are a failed reply each give a pair
    for each, but 503, which in a dialogue only follows from an earlier refusal; anything else is one reply.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and not bare_codes(text):
        if all(_LINE.match(line) for line in lines):
            failed = [reply for reply in find(text) if (reply.code or "2")[0] in "45" and reply.code != "503"]
            if len(failed) > 1:
                said = [" ".join(filter(None, (reply.code, reply.status, reply.text))) for reply in failed]
                return tuple((each, read_reply(each, rules=rules)) for each in said)
        elif named := _as_notice(text, rules):
            return named
    return ((text, read_reply(text, rules=rules)),)


def _as_notice(text: str, rules: Rules | None) -> tuple[tuple[str, Recipient], ...]:
    raw = (_LETTERHEAD + text).encode("utf-8", "replace")
    found = [recipient for recipient in read(raw, rules=rules).recipients if recipient.verdict.reason]
    if len(found) == 1 and (reply := _apart(text, found[0], rules)):
        found = [replace(reply, address=found[0].address)]
    return tuple((recipient.diagnostic or "", recipient) for recipient in found)


def _apart(text: str, named: Recipient, rules: Rules | None) -> Recipient | None:
    """Return the reply that stands apart from the one recipient of a notice, where it says more or something milder.

    The blank lines that set it off are mostly lost in copying.  Where the whole text is muddled, one line may be clear.
    """
    found: list[Recipient] = []
    for part in (text, *text.splitlines()[:_LINES]):
        reply = decisive(part)
        if (reply.code or reply.status or "2")[0] in "45":
            said = " ".join(filter(None, (reply.code, reply.status, reply.text)))
            found.append(read_reply(said, rules=rules))
    if not found:
        return None
    if named.verdict.bounce_type is BounceType.HARD:
        whole = found[0].verdict
        return found[0] if whole.bounce_type is BounceType.SOFT and whole.confidence is not Confidence.LOW else None
    return None if codes_of(named) else min(found, key=lambda each: _SURE.index(each.verdict.confidence))

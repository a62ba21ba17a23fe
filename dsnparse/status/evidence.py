"""What a block states, gathered for the rules: codes filled in from the reply, the status in effect."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dsnparse.frozen import replace
from dsnparse.smtp.codes import EnhancedStatus, parse_enhanced
from dsnparse.smtp.reply import Reply, read

if TYPE_CHECKING:
    from dsnparse.model import Block, Stage

__all__ = ["Stated", "complete", "effective_status", "stated"]

_EXPIRED_DETAIL = 7
_LONGEST_CODE: Final = 9  # longer texts are no codes, and not worth remembering


class Stated(NamedTuple):
    """The codes of a block and of its diagnostic's decisive reply, together."""

    code: str | None
    reply_status: str | None
    reported_status: str | None
    stage: Stage | None
    statuses: tuple[str, ...]  # every enhanced code, the one in effect first
    classes: frozenset[str]  # the first digits of every code


class _Codes(NamedTuple):
    status: str | None  # the enhanced code in effect
    statuses: tuple[str, ...]
    classes: frozenset[str]


def stated(block: Block, reply: Reply) -> Stated:
    """Say what `block` states, with what `reply`, read from its diagnostic, states beyond it."""
    code, reply_status = block.reply_code or reply.code, block.reply_status or reply.status
    reported = block.reported_status
    codes = _codes(code, reply_status, reported)
    return Stated(code, reply_status, reported, block.stage or reply.stage, codes.statuses, codes.classes)


def complete(block: Block) -> Block:
    """`block` with reply_code, reply_status and stage taken from its diagnostic where it does not state them."""
    if not block.diagnostic or (block.reply_code and block.reply_status and block.stage):
        return block
    reply = read(block.diagnostic)
    code, status = block.reply_code or reply.code, block.reply_status or reply.status
    stage = block.stage or reply.stage
    if (code, status, stage) == (block.reply_code, block.reply_status, block.stage):
        return block
    return replace(block, reply_code=code, reply_status=status, stage=stage)


def effective_status(block: Block) -> str | None:
    """Return the most specific enhanced code that the block states; the reply's wins over an equal one of the field.

    X.0.0 says nothing (RFC 3461 section 6.3(g)); X.4.7 and X.3.0 in the Status field are the reporter's own and give
    way to any code of the server that refused.  Codes are given as stated; one that is malformed counts as none.
    """
    return _codes(block.reply_code, block.reply_status, block.reported_status).status


def _codes(code: str | None, reply_status: str | None, reported_status: str | None) -> _Codes:
    if max(len(code or ""), len(reply_status or ""), len(reported_status or "")) > _LONGEST_CODE:
        return _told(code, reply_status, reported_status)
    return _remembered(code, reply_status, reported_status)


def _told(code: str | None, reply_status: str | None, reported_status: str | None) -> _Codes:
    status = _effective(reply_status, reported_status)
    statuses = tuple(dict.fromkeys(one for one in (status, reply_status, reported_status) if one))
    return _Codes(status, statuses, frozenset(one[0] for one in (reported_status, reply_status, code) if one))


# There are few codes, and the same ones come again and again.
_remembered = lru_cache(maxsize=1024)(_told)


def _effective(reply_status: str | None, reported_status: str | None) -> str | None:
    reply = parse_enhanced(reply_status) if reply_status else None
    field = parse_enhanced(reported_status) if reported_status else None
    if reply and field:
        return str(field if _weight(field) > reply.specificity else reply)
    found = reply or field
    return str(found) if found else None


def _weight(field: EnhancedStatus) -> float:
    if (field.subject, field.detail) in {(4, _EXPIRED_DETAIL), (3, 0)}:
        return 0.5
    return field.specificity

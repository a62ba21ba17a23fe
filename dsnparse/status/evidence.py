"""What a block states, gathered for the rules: codes filled in from the reply, the status in effect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dsnparse.smtp.codes import EnhancedStatus, parse_enhanced
from dsnparse.smtp.reply import Reply, read

if TYPE_CHECKING:
    from dsnparse.model import Block, Stage

__all__ = ["Stated", "complete", "effective_status", "stated"]

_EXPIRED_DETAIL = 7


class Stated(NamedTuple):
    """The codes of a block and of its diagnostic's decisive reply, together."""

    code: str | None
    reply_status: str | None
    reported_status: str | None
    stage: Stage | None

    @property
    def status(self) -> str | None:
        """The enhanced code in effect."""
        return _effective(self.reply_status, self.reported_status)

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every enhanced code, the one in effect first."""
        every = (self.status, self.reply_status, self.reported_status)
        return tuple(dict.fromkeys(status for status in every if status))

    @property
    def classes(self) -> frozenset[str]:
        """The first digits of every code."""
        return frozenset(code[0] for code in (self.reported_status, self.reply_status, self.code) if code)


def stated(block: Block, reply: Reply) -> Stated:
    """Say what `block` states, with what `reply`, read from its diagnostic, states beyond it."""
    return Stated(
        block.reply_code or reply.code,
        block.reply_status or reply.status,
        block.reported_status,
        block.stage or reply.stage,
    )


def complete(block: Block) -> Block:
    """`block` with reply_code, reply_status and stage taken from its diagnostic where it does not state them."""
    found = stated(block, read(block.diagnostic))
    if found == (block.reply_code, block.reply_status, block.reported_status, block.stage):
        return block
    return replace(block, reply_code=found.code, reply_status=found.reply_status, stage=found.stage)


def effective_status(block: Block) -> str | None:
    """Return the most specific enhanced code that the block states; the reply's wins over an equal one of the field.

    X.0.0 says nothing (RFC 3461 section 6.3(g)); X.4.7 and X.3.0 in the Status field are the reporter's own and give
    way to any code of the server that refused.  Codes are given as stated; one that is malformed counts as none.
    """
    return _effective(block.reply_status, block.reported_status)


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

"""A delivery-status part that says too little, and the free text beside it, which fills the gap and only the gap."""

from __future__ import annotations

from operator import is_not
from typing import TYPE_CHECKING, Final

from dsnparse.formats.lookup import stands_one
from dsnparse.frozen import replace
from dsnparse.model import Action, Block, Fields, Kind
from dsnparse.text.addresses import is_address, same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.formats.notice import Notice

__all__ = ["fill", "is_thin"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_DELIVERED: Final = Kind.DELIVERED

# Time ran out (RFC 3463 X.4.7): that is the MTA's own verdict, and the last reply beside it in the text is another.
_EXPIRED = ".4.7"
# What stands in every text that tells at which point of the session a reply was given.
_STAGE_HINTS = (
    "rcpt", "mail from", "data", "helo", "ehlo", "connect", "greeting", "banner", "talk to me", "does not like",
    "text command", "my name was", "sender was rejected", "i sent the message", "<<<",
)  # fmt: skip
_OPEN = frozenset({Action.FAILED, Action.DELAYED, None})


def _named(block: Block) -> bool:
    return is_address(block.address) or (block.original_address is not None and is_address(block.original_address))


def _vague(block: Block) -> bool:
    """Tell whether a block lacks what the verdict needs: its address, or any word or code on the why."""
    if block.action not in _OPEN:
        return False
    if not _named(block):
        return True
    if (block.reported_status or "").endswith(_EXPIRED):
        return False
    precise = block.reply_status or (block.reported_status and not block.reported_status.endswith(".0.0"))
    return not block.diagnostic or not (precise or block.reply_code or len(block.diagnostic) > 20)  # noqa: PLR2004 - words


def is_thin(fields: Fields, notice: Notice) -> bool:
    """Tell whether the free text could add words, an address, or the stage, which has no field in RFC 3464."""
    if not fields.blocks:
        return True
    replies = []
    for block in fields.blocks:
        if _vague(block):
            return True
        if _without_stage(block):
            replies.append(block.reply_code)
    return bool(replies) and _repeats(replies, notice) and stands_one(_STAGE_HINTS, notice.flat)


def _repeats(codes: list[str | None], notice: Notice) -> bool:
    """Tell whether the text may hold one of these reply codes: where it does not, it tells of no stage either."""
    text = notice.message.notice
    return notice.message.notice_cut or stands_one(filter(None, codes), text)


def _without_stage(block: Block) -> bool:
    return block.action in _OPEN and block.stage is None and block.reply_code is not None


def fill(fields: Fields, text: Fields | None) -> Fields:
    """Return `fields` with what it lacks taken from `text`."""
    if text is None or not text.blocks:
        return fields
    if not fields.blocks:  # a success that the report does not list says what the report is, and names nobody
        found = tuple(block for block in text.blocks if block.action in _OPEN)
        return replace(fields, blocks=found, kind=fields.kind or (None if found else _DELIVERED))
    left = list(text.blocks)
    filled: list[Block] = []
    for block in fields.blocks:
        other = _partner(block, left, alone=len(fields.blocks) == 1)
        if other is not None:
            left.remove(other)
        if other is not None and _vague(block):
            filled.append(_merged(block, other))
        elif other is not None and other.stage and _without_stage(block) and other.reply_code == block.reply_code:
            filled.append(replace(block, stage=other.stage))
        else:
            filled.append(block)
    return replace(fields, blocks=tuple(filled)) if any(map(is_not, filled, fields.blocks)) else fields


def _partner(block: Block, others: Sequence[Block], *, alone: bool) -> Block | None:
    """Return the text's block on the same recipient; the only one where this block names nobody."""
    for other in others:
        if (block.address and block.address == other.address) or any(
            same(mine, theirs)
            for mine in (block.address, block.original_address)
            for theirs in (other.address, other.original_address)
        ):
            return other
    return others[0] if alone and len(others) == 1 and not _named(block) else None


def _merged(block: Block, other: Block) -> Block:
    named = is_address(block.address)
    told = bool(block.diagnostic)
    return replace(
        block,
        address=block.address if named or not other.address else other.address,
        original_address=block.original_address or (other.original_address if not named else None),
        action=block.action or other.action,
        diagnostic=block.diagnostic or other.diagnostic,
        diagnostic_type=block.diagnostic_type or (None if told else other.diagnostic_type),
        reply_status=block.reply_status or other.reply_status,
        reply_code=block.reply_code or other.reply_code,
        remote_mta=block.remote_mta or other.remote_mta,
        stage=block.stage or other.stage,
    )

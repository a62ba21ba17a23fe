"""The last look at what a format found: a warning never counts as failed, a bare name gets its domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.formats.phrases import warns_only
from dsnparse.frozen import replace
from dsnparse.model import Action, Fields, Kind

if TYPE_CHECKING:
    from dsnparse.formats.notice import Notice
    from dsnparse.model import Block

__all__ = ["settle"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_ACTION_DELAYED: Final = Action.DELAYED
_FAILED: Final = Action.FAILED
_BOUNCE: Final = Kind.BOUNCE
_KIND_DELAYED: Final = Kind.DELAYED


def settle(fields: Fields | None, notice: Notice) -> Fields | None:
    """Return the fields, with every failure as a delay where the notice says that it is a warning only."""
    if fields is None:
        return None
    found = fields.blocks
    for block in found:
        if not block.address or "@" not in block.address:
            found = tuple([_completed(one, notice) for one in found])
            break
    if not warns_only(notice.flat, notice.words):
        return fields if found is fields.blocks else replace(fields, blocks=found)
    changed = tuple(replace(block, action=_ACTION_DELAYED) if block.action is _FAILED else block for block in found)
    return replace(fields, blocks=changed, kind=_KIND_DELAYED if fields.kind is _BOUNCE else fields.kind)


def _completed(block: Block, notice: Notice) -> Block:
    """Return the block with the address whose local part a notice names alone, where only one can be meant.

    GroupWise prints `alice (Mailbox full)`.  The returned mail says to whom it went.
    """
    if not block.address or "@" in block.address:
        return block
    name = block.address.lower()
    meant = [address for address in notice.returned_to if address.rpartition("@")[0].lower() == name]
    return replace(block, address=meant[0]) if len(meant) == 1 else block

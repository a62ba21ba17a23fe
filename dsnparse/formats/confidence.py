"""How sure a finding of a recalled form is: what stands beside the recipient may bear it out.

A form that is known from memory only may be remembered wrongly.  So it never condemns an address by itself: its
recipients are of low confidence.  A reply code or an enhanced code in the recipient's own text, or a phrase that many
systems print, is evidence of its own, and the recipient is then of medium confidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.formats.data import load
from dsnparse.frozen import replace
from dsnparse.model import Block, Confidence
from dsnparse.text.addresses import find_addresses, is_address

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["has_code", "has_own_code", "weighed"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_LOW: Final = Confidence.LOW
_MEDIUM: Final = Confidence.MEDIUM

_FAILURES = ("4", "5")


def has_code(block: Block) -> bool:
    """Tell whether a block's text states a reply code or an enhanced code of a failure."""
    return any((code or "").startswith(_FAILURES) for code in (block.reply_code, block.reply_status))


def has_own_code(block: Block) -> bool:
    """Tell whether a block's text states a code and speaks of no other address, whose code it might be."""
    own = {(block.address or "").lower(), (block.original_address or "").lower()}
    return has_code(block) and {found.lower() for found in find_addresses(block.diagnostic or "")} <= own


def weighed(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks of a recalled form, those of medium confidence that more than the form bears out."""
    return tuple(replace(block, confidence=_MEDIUM) if _borne_out(block) else block for block in blocks)


def _borne_out(block: Block) -> bool:
    if block.confidence is not _LOW or not is_address(block.address):
        return False
    return has_code(block) or any(words in (block.diagnostic or "").lower() for words in load("general")["known"])

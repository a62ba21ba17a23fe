"""The last look at what a format found: a warning never counts as failed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dsnparse.formats.phrases import warns_only
from dsnparse.model import Action, Fields, Kind

if TYPE_CHECKING:
    from dsnparse.formats.notice import Notice

__all__ = ["settle"]


def settle(fields: Fields | None, notice: Notice) -> Fields | None:
    """Return the fields with every failure as a delay where the notice says that it is a warning only."""
    if fields is None or not warns_only(notice.flat):
        return fields
    changed = tuple(
        replace(block, action=Action.DELAYED) if block.action is Action.FAILED else block for block in fields.blocks
    )
    return replace(fields, blocks=changed, kind=Kind.DELAYED if fields.kind is Kind.BOUNCE else fields.kind)

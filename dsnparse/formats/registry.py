"""The formats in the order in which they are asked: the rows of formats.toml, some with a reader of their own."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from dsnparse.formats import angle, complaint, exim, notification, sendmail, session, status_text
from dsnparse.formats.blocks import blocks
from dsnparse.formats.data import load
from dsnparse.formats.table import Row
from dsnparse.model import Action, Fields, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dsnparse.formats.blocks import Found
    from dsnparse.formats.notice import Notice

__all__ = ["READERS", "formats"]

READERS: Final[dict[str, Callable[[Notice], Iterable[Found]]]] = {
    "angle": angle.read,
    "complaint": complaint.read,
    "exim": exim.read,
    "notification": notification.read,
    "sendmail": sendmail.read,
    "session": session.read,
    "status_text": status_text.read,
}


class _WithReader(Row):
    """A row whose recipients a module reads."""

    def read(self, notice: Notice) -> Fields | None:
        items = READERS[self.row["reader"]](notice)
        if "action" in self.row:
            items = [replace(item, action=Action(self.row["action"])) for item in items]
        found = blocks(items, self.confidence)
        if found:
            kind = Kind(self.row["kind"]) if self.final else None
            return Fields(format=self.name, kind=kind, blocks=found)
        return super().read(notice)


@cache
def formats() -> tuple[Row, ...]:
    """Return every format of the table, in order."""
    return tuple(_WithReader(row) if "reader" in row else Row(row) for row in load("formats")["format"])

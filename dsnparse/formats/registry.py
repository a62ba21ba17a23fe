"""The formats in the order in which they are asked: the rows of formats.toml, some with a reader of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from dsnparse.formats.data import load
from dsnparse.formats.lookup import Lookup
from dsnparse.formats.table import Row
from dsnparse.frozen import replace
from dsnparse.model import Action, Fields, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.blocks import Found
    from dsnparse.formats.notice import Notice

__all__ = ["READERS", "candidates", "formats"]

_Reader = Callable[["Notice"], Iterable["Found"]]


def _module(name: str) -> _Reader:
    """Return the reader of a module, which is imported for its first notice: patterns take milliseconds to compile."""

    @cache
    def reader() -> _Reader:
        found: _Reader = import_module(f"{__package__}.{name}").read
        return found

    return lambda notice: reader()(notice)  # noqa: PLW0108 - the module is imported when the first notice comes


_NAMES: Final = ("angle", "complaint", "exim", "notification", "sendmail", "session", "status_text")
READERS: Final[dict[str, _Reader]] = {name: _module(name) for name in _NAMES}


class _WithReader(Row):
    """A row whose recipients a module reads."""

    def read(self, notice: Notice) -> Fields | None:
        items = READERS[self.row["reader"]](notice)
        if "action" in self.row:
            items = [replace(item, action=Action(self.row["action"])) for item in items]
        found = self.blocks(items)
        if found:
            kind = Kind(self.row["kind"]) if self.final else None
            return Fields(format=self.name, kind=kind, blocks=found)
        return super().read(notice)


@cache
def formats() -> tuple[Row, ...]:
    """Return every format of the table, in order."""
    return tuple(_WithReader(row) if "reader" in row else Row(row) for row in load("formats")["format"])


@cache
def _lookup() -> Lookup:
    """Return the tell-tales of all formats; one that has none in the text has a phrase that stands in every text."""
    return Lookup((word, number) for number, known in enumerate(formats()) for word in known.words or ("",))


def candidates(notice: Notice) -> Iterator[Row]:
    """Give, in order, each format whose tell-tale stands in the notice, or that has none in the text."""
    return map(formats().__getitem__, _lookup().find(notice.flat, notice.words))

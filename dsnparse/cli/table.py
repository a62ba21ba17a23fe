"""Tables for people: in colour on a terminal, else plain lines in columns.

Both are written in pieces, so that a million rows need no memory; a later piece keeps the columns of the first.
In a pipe a cell is never cut, and an empty one is `-`, so that cut and awk find their fields.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from dsnparse.cli.output import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsnparse.cli.output import Output

__all__ = ["Table"]

_PIECE: Final = 500  # rows
_WIDE: Final = 44  # a longer cell of plain text moves the rest of its own row only

_STYLES: Final = {
    "hard": "bold red",
    "soft": "yellow",
    "remove": "bold red",
    "held": "bold magenta",
    "left for you": "bold magenta",
}


class Table:
    """Rows of text under headings."""

    def __init__(self, output: Output, headings: Sequence[str]) -> None:
        self._output = output
        self._headings = headings
        self._rows: list[Sequence[str]] = []
        self._widths: list[int] = []
        self._begun = False

    def row(self, cells: Sequence[str | None]) -> None:
        """Add a row; None is a cell that the mail does not fill."""
        self._rows.append([printable(cell or "") for cell in cells])
        if len(self._rows) >= _PIECE:
            self.flush()

    def rows(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Add several rows."""
        for cells in rows:
            self.row(cells)

    def flush(self) -> None:
        """Write what was added."""
        if not self._rows:
            return
        text = self._rich() if sys.stdout.isatty() else self._plain()
        self._rows, self._begun = [], True
        self._output.write(text)

    def _plain(self) -> str:
        rows = [[cell or "-" for cell in row] for row in self._rows]
        if not self._begun:
            rows.insert(0, list(self._headings))
            self._widths = [min(max(map(len, column)), _WIDE) for column in zip(*rows, strict=True)]
        return "".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, self._widths, strict=True)).rstrip() + "\n"
            for row in rows
        )

    def _rich(self) -> str:
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - loaded only for a terminal
        from rich.console import Console  # noqa: PLC0415 - likewise
        from rich.table import Table as RichTable  # noqa: PLC0415 - likewise
        from rich.text import Text  # noqa: PLC0415 - likewise

        table = RichTable(box=SIMPLE_HEAD, show_header=not self._begun, show_edge=False, pad_edge=False)
        for heading in self._headings:
            table.add_column(heading, overflow="fold")
        for row in self._rows:
            table.add_row(*(Text(cell, _STYLES.get(cell, "")) for cell in row))
        console = Console(highlight=False, markup=False)
        with console.capture() as captured:
            console.print(table)
        return captured.get()

"""An explanation as lines for a person: labels at the left, sentences wrapped beside them, bold only on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

from dsnparse.cli.output import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dsnparse.explaining import Explanation

__all__ = ["bold", "paragraph", "shown"]

_WIDEST: Final = 100  # columns; longer lines are hard to read
_PIPE: Final = 80
_LABEL: Final = 19
_LONGEST: Final = 400  # characters of a reply that are repeated above its explanation
_STYLE: Final = "\x1b[1m{}\x1b[0m"


def shown(text: str, said: Explanation, *, name: str | None, names: Mapping[str, str | None]) -> str:
    """Return the paragraph of one reply or recipient.

    text: the words that are explained; name: the recipient; names: the reason in other systems' words.
    """
    text = printable(" ".join(text.split()))
    label = printable(name or "")
    head = f"{label}: {text}" if label and text and not text.startswith(label) else text or label
    rows = [
        ("What it means", said.means),
        ("Whose fault", said.fault),
        ("Address dead?", said.address),
        ("You should", said.sender),
        ("Their side should", said.theirs),
        ("Send it again?", said.again),
        *_labelled("Codes", said.codes),
        *_labelled("Beware", said.beware),
        ("Said by rule", said.rule),
        ("Filed as", said.filed),
        *((f"{system.capitalize()} says", word) for system, word in names.items() if word),
    ]
    lines = [bold(line) for line in _wrap(head[:_LONGEST] + ("..." if len(head) > _LONGEST else ""), _columns())]
    return (
        "\n".join([*lines, *(line for label, words in rows if words for line in _row(label, printable(words)))]) + "\n"
    )


def paragraph(text: str) -> str:
    """Return text of our own, wrapped."""
    return "\n".join(_wrap(printable(text), _columns())) + "\n"


def bold(text: str) -> str:
    """Return `text` in bold on a terminal that wants colour (no-color.org)."""
    return _STYLE.format(text) if text and sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def _labelled(label: str, items: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((label if number == 0 else "", item) for number, item in enumerate(items))


def _row(label: str, words: str) -> Iterable[str]:
    lines = _wrap(words, _columns() - _LABEL - 2)
    for number, line in enumerate(lines):
        space = " " * (_LABEL - len(label)) if number == 0 else " " * _LABEL
        yield f"  {bold(label) if number == 0 else ''}{space}{line}"


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 20), break_on_hyphens=False) or [""]


def _columns() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else _PIPE

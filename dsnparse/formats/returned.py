"""Where a notice ends and the returned mail begins, for notices that carry both in one text.

The markers are data (markers.toml): what a line says once the dashes, stars and blanks around it are gone.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dsnparse.formats.data import load

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["split"]

_EDGES: Final = " \t-=*_#~|>.:+<!"
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}:(?:\s|\S)")
# Fields that begin a returned header where no marker stands in front of it.
_FIRST: Final = (
    "received:", "return-path:", "dkim-signature:", "x-received:", "domainkey-signature:", "arc-seal:",
    "delivered-to:", "x-google-smtp-source:", "x-originating-ip:", "x-mailer:", "mime-version:", "message-id:",
    "authentication-results:",
)  # fmt: skip
_PREFIX: Final = 4  # letters of a marker that stand as they are; behind them blanks may stand for one
_BEGINNING: Final = 12  # letters by which nearly all lines are told from markers
_LINE: Final = 200  # letters of a line that are looked at
_NEAR: Final = 6  # lines behind a marker in which a header must begin, where the marker alone is not enough
_ENOUGH: Final = 2  # fields in a row that are a header


def _is_header(lines: list[str], start: int) -> bool:
    """Tell whether a header section begins within a few lines."""
    fields = 0
    seen = 0
    for line in lines[start : start + 3 * _NEAR]:
        bare = line.removeprefix("> ").rstrip()
        if not bare:
            if fields:
                break
            continue
        seen += 1
        if _FIELD.match(bare):
            fields += 1
        elif not (fields and line[:1] in " \t"):
            if seen > _NEAR:
                break
            fields = 0
        if fields >= _ENOUGH:
            return True
    return False


def _bare_header(lines: list[str], number: int) -> bool:
    """Tell whether a header begins at this line without any marker in front of it."""
    if not lines[number].lower().startswith(_FIRST) or (number and lines[number - 1].strip()):
        return False
    block = lines[number : number + 12]
    if any(line.lower().startswith(("final-recipient:", "reporting-mta:", "action:")) for line in block):
        return False
    return _is_header(lines, number)


class _Markers(NamedTuple):
    always: tuple[str, ...]
    exact: frozenset[str]
    header: frozenset[str]
    beginnings: re.Pattern[str]  # of every line that can be a marker or begin a header


@cache
def _markers() -> _Markers:
    table = load("markers")
    always, exact, header = tuple(table["always"]), frozenset(table["exact"]), frozenset(table["before_header"])
    return _Markers(always, exact, header, _beginnings((*always, *exact, *header, *_FIRST)))


def _beginnings(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a line break and a line in lower case that begins with one of these, as far as it looks."""
    pieces: dict[str, list[str]] = {}  # by their first letter: few of them are tried at each line
    for words in sorted({words[:_BEGINNING] for words in phrases}):
        spaced = r"[^\S\n]*+".join(map(re.escape, (words[1:_PREFIX], *words[_PREFIX:].split())))
        pieces.setdefault(words[0], []).append(spaced)
    lines = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in pieces.items())
    return re.compile(rf"\n[{re.escape(_EDGES)}]*+(?:{lines})")


@lru_cache(maxsize=1)  # a mail's notice is split for its recipients and once more for the traces of the returned mail
def split(text: str) -> tuple[str, str | None]:
    """Return (notice, header of the returned mail); None where the text carries no returned mail."""
    low = f"\n{text.lower()}"  # which may be longer than the text, but has its lines
    lines: list[str] = []
    number = seen = 0
    for found in _markers().beginnings.finditer(low):
        start = found.start()
        number += low.count("\n", seen, start)
        seen = start
        lines = lines or text.split("\n")
        cut = _cut(lines, number)
        if cut is not None:
            return "\n".join(lines[:number]), _header_of(lines, cut)
    return text, None


def _cut(lines: list[str], number: int) -> int | None:
    """Return where the returned mail begins, when this line is a marker or the first of a header; else None."""
    markers = _markers()
    words = " ".join(lines[number][:_LINE].strip(_EDGES).lower().split())
    if (
        words.startswith(markers.always)
        or words in markers.exact
        or (words in markers.header and _is_header(lines, number + 1))
    ):
        return number + 1
    return number if number and _bare_header(lines, number) else None


def _header_of(lines: list[str], start: int) -> str | None:
    """Return the header section in what follows the marker; None when nothing like a header is there."""
    start = next((number for number in range(start, len(lines)) if lines[number]), len(lines))
    for number in range(start, min(start + 2 * _NEAR, len(lines))):
        if _FIELD.match(lines[number]) and _is_header(lines, number):
            end = next((i for i in range(number, len(lines)) if not lines[i].strip()), len(lines))
            return "\n".join(lines[number:end])
    return None

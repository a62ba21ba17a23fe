"""Where a notice ends and the returned mail begins, for notices that carry both in one text.

The markers are data (markers.toml): what a line says once the dashes, stars and blanks around it are gone.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from dsnparse.formats.data import load

__all__ = ["split"]

_EDGES: Final = " \t-=*_#~|>.:+<!"
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}:(?:\s|\S)")
# Fields that begin a returned header where no marker stands in front of it.
_FIRST: Final = (
    "received:", "return-path:", "dkim-signature:", "x-received:", "domainkey-signature:", "arc-seal:",
    "delivered-to:", "x-google-smtp-source:", "x-originating-ip:", "x-mailer:", "mime-version:", "message-id:",
    "authentication-results:",
)  # fmt: skip
_PREFIX: Final = 4  # letters by which most lines are told from markers
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
    always: dict[str, tuple[str, ...]]  # by how they begin
    exact: frozenset[str]
    header: frozenset[str]
    prefixes: frozenset[str]  # how a line begins that can be a marker or begin a header


@cache
def _markers() -> _Markers:
    table = load("markers")
    exact, header = frozenset(table["exact"]), frozenset(table["before_header"])
    always: dict[str, tuple[str, ...]] = {}
    for words in table["always"]:
        always[words[:_PREFIX]] = (*always.get(words[:_PREFIX], ()), words)
    prefixes = frozenset(words[:_PREFIX] for words in (*always, *exact, *header, *_FIRST))
    return _Markers(always, exact, header, prefixes)


@lru_cache(maxsize=1)  # a mail's notice is split for its recipients and once more for the traces of the returned mail
def split(text: str) -> tuple[str, str | None]:
    """Return (notice, header of the returned mail); None where the text carries no returned mail."""
    markers = _markers()
    lines = text.split("\n")
    prefixes = markers.prefixes
    for number, line in enumerate(lines):
        if not line:
            continue
        # Most lines begin with a letter: nothing is in front of it that would have to go first.
        start = line[:_PREFIX] if line[0].isalnum() else line[:200].strip(_EDGES)[:_PREFIX]
        if start.lower() not in prefixes:
            continue
        words = " ".join(line[:200].strip(_EDGES).lower().split())
        cut = None
        if (
            words.startswith(markers.always.get(words[:_PREFIX], ()))
            or words in markers.exact
            or (words in markers.header and _is_header(lines, number + 1))
        ):
            cut = number + 1
        elif number and _bare_header(lines, number):
            cut = number
        if cut is not None:
            rest = "\n".join(lines[cut:]).strip("\n")
            return "\n".join(lines[:number]), _header_of(rest)
    return text, None


def _header_of(text: str) -> str | None:
    """Return the header section in what follows the marker; None when nothing like a header is there."""
    lines = text.split("\n")
    for number, line in enumerate(lines[: 2 * _NEAR]):
        if _FIELD.match(line) and _is_header(lines, number):
            end = next((i for i in range(number, len(lines)) if not lines[i].strip()), len(lines))
            return "\n".join(lines[number:end])
    return None

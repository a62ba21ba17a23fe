"""What notices say in which language: failure, delay, the warning that is only a warning (general.toml)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from dsnparse.formats.data import load, words
from dsnparse.formats.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_letter", "places", "says_failure", "waits", "warns_only"]

# A denial and a verb of delivery in one sentence, in either order: the fixed sentences of general.toml in other words.
_NO: Final = (
    r"\b(?:not|unable|cannot|failed|failure|fails|errors?|problems?|trouble|impossible|refused|rejected|blocked|bad)\b"
)
_DELIVER: Final = (
    r"\b(?:deliver(?:ed|y|ing|able)?|reach(?:ed)?|send|sent|relayed|forwarded|transmit(?:ted)?|transferred)\b"
)
_FAMILY: Final = re.compile(rf"{_NO}[^.!?\n]{{0,60}}?{_DELIVER}|{_DELIVER}[^.!?\n]{{0,60}}?{_NO}|n't be {_DELIVER}")


def says_failure(text: str) -> bool:
    """Tell whether a failure sentence of any language stands in a text of lower-case letters."""
    return _lookup("failure").stands(text, _parted(text)) or _FAMILY.search(text) is not None


def places(text: str, *, delays: bool) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what tells of a failure, or of a delay, in a text of lower-case letters."""
    words_of_text = _parted(text)
    for table in ("delayed", "warning_only") if delays else ("failure",):
        phrases = load("general")[table]
        for number in _lookup(table).find(text, words_of_text):
            phrase = phrases[number]
            start = text.find(phrase)
            while start >= 0:
                yield start, start + len(phrase)
                start = text.find(phrase, start + len(phrase))
    if not delays:
        yield from (match.span() for match in _FAMILY.finditer(text))


def waits(text: str, words_of_text: frozenset[str]) -> bool:
    """Tell whether a text of lower-case letters says that the system goes on trying."""
    if warns_only(text, words_of_text):
        return True
    return _lookup("delayed").stands(text, words_of_text) and not _lookup("given_up").stands(text, words_of_text)


def warns_only(text: str, words_of_text: frozenset[str]) -> bool:
    """Tell whether a text of lower-case letters says that it is a warning only: nothing in it has failed."""
    return _lookup("warning_only").stands(text, words_of_text)


@cache
def _lookup(table: str) -> Lookup:
    """Return the phrases of a table by their places in it."""
    return Lookup((phrase, number) for number, phrase in enumerate(load("general")[table]))


def _parted(text: str) -> frozenset[str]:
    return frozenset(text.split(" "))


def is_letter(text: str) -> bool:
    """Tell whether a text of lower-case letters greets or takes leave as people do."""
    return text.startswith(words("greetings")) or any(item in text for item in words("farewells"))

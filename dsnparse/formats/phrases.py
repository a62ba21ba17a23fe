"""What notices say in which language: failure, delay, the warning that is only a warning (general.toml)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from dsnparse.formats.data import load
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
    return any(words in text for words in load("general")["failure"]) or _FAMILY.search(text) is not None


def places(text: str, *, delays: bool) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what tells of a failure, or of a delay, in a text of lower-case letters."""
    words = load("general")
    for phrase in (*words["delayed"], *words["warning_only"]) if delays else words["failure"]:
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
    words = load("general")
    return any(item in text for item in words["delayed"]) and not any(item in text for item in words["given_up"])


def warns_only(text: str, words_of_text: frozenset[str]) -> bool:
    """Tell whether a text of lower-case letters says that it is a warning only: nothing in it has failed."""
    return _warnings().stands(text, words_of_text)


@cache
def _warnings() -> Lookup:
    return Lookup((phrase, 0) for phrase in load("general")["warning_only"])


def is_letter(text: str) -> bool:
    """Tell whether a text of lower-case letters greets or takes leave as people do."""
    words = load("general")
    return text.startswith(tuple(words["greetings"])) or any(item in text for item in words["farewells"])

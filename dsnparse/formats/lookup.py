"""Which formats a notice may have: those whose tell-tale stands in it, found without asking each.

A phrase of several words stands in a text only where each of its inner words stands there as a word.  So the words of
the text, split once, choose the few phrases that are looked up; a phrase of one or two words is looked up always, one
with letters beyond ASCII only in texts that have such letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Lookup"]


class Lookup:
    """Phrases in lower case, white space as one blank, by number: each number may have several."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        self._by_word: dict[str, list[tuple[str, int]]] = {}
        self._plain: list[tuple[str, int]] = []
        self._foreign: list[tuple[str, int]] = []
        for phrase, number in phrases:
            inner = phrase.split(" ")[1:-1]
            if inner:
                self._by_word.setdefault(max(inner, key=len), []).append((phrase, number))
            elif phrase.isascii():
                self._plain.append((phrase, number))
            else:
                self._foreign.append((phrase, number))
        self._words = frozenset(self._by_word)

    def find(self, text: str) -> set[int]:
        """Return the numbers of the phrases in a text, which is in lower case with white space as one blank."""
        asked = [] if text.isascii() else self._foreign
        for word in self._words.intersection(text.split(" ")):
            asked = asked + self._by_word[word]
        return {number for phrase, number in self._plain + asked if phrase in text}

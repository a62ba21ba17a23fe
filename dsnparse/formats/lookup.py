"""Which phrases stand in a text, found without looking for each.

A phrase stands in a text only where each of its inner words stands there as a word: those with a space or a sign on
either side within the phrase.  So the words of the text, parted once, choose the few phrases that are looked for; one
without an inner word is looked for always, one with letters beyond ASCII only in texts that have such letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Lookup", "words_of"]

# What parts words: every sign of ASCII.  Letters beyond ASCII are bytes over 127, which stay.
_PARTED: Final = bytes(code if code > 127 or chr(code).isalnum() else 32 for code in range(256))  # noqa: PLR2004 - ASCII
# The words that most notices have, the commonest first, counted in fixtures/: the rarest of a phrase is asked for.
_COMMON_TEXT: Final = (
    "the to message is this not mail recipients following your you from a was at of delivered for be or that error "
    "more address could delivery please host report in if user do permanent one it sent unknown rcpt received server "
    "addresses recipient sorry send reply by returned failed rejected reason system deliver problem attached can has "
    "have on mailer automatically follows will failure transcript session created while email errors"
)
_COMMON: Final = {word: number for number, word in enumerate(_COMMON_TEXT.encode().split())}


def words_of(text: str) -> frozenset[bytes]:
    """Return the words of a text in lower case, in UTF-8."""
    return frozenset(text.encode("utf-8", "surrogatepass").translate(_PARTED).split())


class Lookup:
    """Phrases in lower case, white space as one blank, by number: each number may have several."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        # In the order of their numbers: a place in this list is all that a search collects and sorts.
        self._phrases = sorted(dict.fromkeys((number, phrase) for phrase, number in phrases))
        self._by_word: dict[bytes, list[tuple[bytes, int]]] = {}  # by the rarest word, with another one
        self._plain: list[int] = []
        foreign: list[int] = []
        for place, (_, phrase) in enumerate(self._phrases):
            if inner := sorted(_inner_words(phrase), key=_rarity)[-2:]:
                self._by_word.setdefault(inner[-1], []).append((inner[0], place))
            else:
                (self._plain if phrase.isascii() else foreign).append(place)
        self._all = self._plain + foreign
        self._words = frozenset(self._by_word)  # two sets compare by the hashes that they hold

    def find(self, text: str, words: frozenset[bytes]) -> Iterator[int]:
        """Yield, in order, the numbers of the phrases in a text of which `words` are the words; see `words_of`.

        The phrases of a number are looked for when it is asked for: who stops at the first saves the others.
        """
        asked = (self._plain if text.isascii() else self._all).copy()
        by_word = self._by_word
        for word in self._words & words:
            for other, place in by_word[word]:
                if other in words:
                    asked.append(place)
        asked.sort()
        phrases = self._phrases
        last = -1
        for place in asked:
            number, phrase = phrases[place]
            if number != last and phrase in text:
                last = number
                yield number


def _inner_words(phrase: str) -> list[bytes]:
    """Return the words of a phrase that stand whole wherever it stands."""
    parted = phrase.encode().translate(_PARTED)
    words = parted.split()
    if not parted.startswith(b" "):
        words = words[1:]
    return words if parted.endswith(b" ") else words[:-1]


def _rarity(word: bytes) -> tuple[int, int]:
    return _COMMON.get(word, len(_COMMON)), len(word)

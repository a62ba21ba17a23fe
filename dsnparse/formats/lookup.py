"""Which phrases stand in a text, found without looking for each.

A phrase stands in a text only where each of its inner words stands there as a word: those with a blank on either side
within the phrase.  So the words of the text, parted once, choose the few phrases that are looked for; one without an
inner word is looked for always, but in texts without its rarest sign; one with letters beyond ASCII and no inner word
only in texts that have such letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Lookup", "stands_one"]

# The words that most notices have, the commonest first, counted in fixtures/: the rarest of a phrase is asked for.
_COMMON_TEXT: Final = (
    "the to message is this not mail recipients following your you from a was at of delivered for be or that error "
    "more address could delivery please host report in if user do permanent one it sent unknown rcpt received server "
    "addresses recipient sorry send reply by returned failed rejected reason system deliver problem attached can has "
    "have on mailer automatically follows will failure transcript session created while email errors"
)
_COMMON: Final = {word: number for number, word in enumerate(_COMMON_TEXT.split())}
_SIGNS: Final = '"/q-('  # what stands in many phrases without an inner word and not in most notices, the rarest first


class Lookup:
    """Phrases in lower case, white space as one blank, by number: each number may have several."""

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        # In the order of their numbers: a place in this list is all that a search collects and sorts.
        self._phrases = sorted(dict.fromkeys((number, phrase) for phrase, number in phrases))
        self._by_word: dict[str, list[tuple[str, int]]] = {}  # by the rarest word, with another one
        self._by_sign: dict[str, list[int]] = {}
        self._plain: list[int] = []
        self._foreign: list[int] = []
        for place, (_, phrase) in enumerate(self._phrases):
            if inner := sorted(phrase.split(" ")[1:-1], key=_rarity)[-2:]:
                self._by_word.setdefault(inner[-1], []).append((inner[0], place))
            elif not phrase.isascii():
                self._foreign.append(place)
            elif sign := next((sign for sign in _SIGNS if sign in phrase), ""):
                self._by_sign.setdefault(sign, []).append(place)
            else:
                self._plain.append(place)
        self._words = frozenset(self._by_word)  # two sets compare by the hashes that they hold

    def find(self, text: str, words: frozenset[str]) -> Iterator[int]:
        """Yield, in order, the numbers of the phrases in a text of which `words` are the words between blanks.

        The phrases of a number are looked for when it is asked for: who stops at the first saves the others.
        """
        phrases = self._phrases
        last = -1
        for place in self._asked(text, words):
            number, phrase = phrases[place]
            if number != last and phrase in text:
                last = number
                yield number

    def stands(self, text: str, words: frozenset[str]) -> bool:
        """Tell whether any of the phrases stands in a text."""
        phrases = self._phrases
        for place in self._asked(text, words):  # noqa: SIM110 - a generator takes as long as the whole look-up
            if phrases[place][1] in text:
                return True
        return False

    def _asked(self, text: str, words: frozenset[str]) -> list[int]:
        """Return the places of the phrases that can stand in a text, in order."""
        asked = self._plain.copy()
        for sign, places in self._by_sign.items():
            if sign in text:
                asked += places
        if self._foreign and not text.isascii():
            asked += self._foreign
        by_word = self._by_word
        for word in self._words & words:
            for other, place in by_word[word]:
                if other in words:
                    asked.append(place)
        asked.sort()
        return asked


def stands_one(words: Iterable[str], text: str) -> bool:
    """Tell whether one of a few words stands in a text."""
    for word in words:  # noqa: SIM110 - any() with its generator takes twice as long
        if word in text:
            return True
    return False


def _rarity(word: str) -> tuple[int, int]:
    return _COMMON.get(word, len(_COMMON)), len(word)

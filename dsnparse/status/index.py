"""Which rules a text can fire, found by its words in one pass: only those are tried.

A phrase stands in a text only where its words do, and its pairs of neighbouring words.  So each phrase is filed under
the rarest of these, and a text looks up its own words and pairs: most phrases are one word or one pair, and found by
that alone.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from dsnparse.status.rules import Facts, Rule

    Key = str | tuple[str, str]
    Filed = tuple[int, int, str]  # row, rank, phrase: the lowest rank found of a row is the one that counts

__all__ = ["Index", "Phrases", "with_pairs"]

_WHOLE: Final = ""  # in place of a phrase that its key says whole: it stands in every text
_NONE: Final = 1 << 30  # a rank beyond every other


def with_pairs(words: Sequence[str]) -> AbstractSet[Key]:
    """Return the words of a text and its pairs of neighbours."""
    keys: set[Key] = set(words)
    keys.update(pairwise(words))
    return keys


class Index:
    """Rows by their first condition: a phrase of it stands in every text that fires the row."""

    def __init__(self, rows: Sequence[Rule]) -> None:
        """File each row's phrases; `by_code` holds the rows without any."""
        self._phrases = [_ranked(_first_condition(row)) for row in rows]
        filed = [
            [
                (number, rank, phrase)
                for number, row in enumerate(rows)
                if bool(row.signature) is signed
                for rank, phrase in enumerate(self._phrases[number])
            ]
            for signed in (False, True)
        ]
        self._words, self._raw = _Table(filed[0], pairs=True), _Table(filed[1], pairs=False)
        self._signed = bool(filed[1])
        self.by_code = [(number, "") for number, phrases in enumerate(self._phrases) if not phrases]

    def signatures(self, facts: Facts) -> tuple[tuple[int, int], ...]:
        """Return the rows of which a signature stands in the raw text, as far as it is ASCII."""
        if not self._signed:
            return ()
        found: dict[int, int] = {}
        self._raw.collect(facts.raw_keys, facts.raw, found)
        return tuple(sorted(found.items())) if found else ()

    def candidates(self, facts: Facts) -> list[tuple[int, str]]:
        """Return, in order, the rows of which a phrase stands in the text, each with the phrase that says most."""
        found: dict[int, int] = {}
        self._words.collect(facts.words_keys, facts.words, found)
        if self._signed:
            self._raw.collect(facts.raw_keys, facts.raw, found)
        if not facts.raw.isascii():
            for number, rank, phrase in (*self._words.unspaced, *self._raw.unspaced):
                if phrase in facts.words or phrase in facts.raw:
                    found.setdefault(number, rank)
        phrases = self._phrases
        return [(number, phrases[number][rank]) for number, rank in sorted(found.items())] if found else []


class _Table:
    """Phrases by the rarest key that each needs."""

    def __init__(self, filed: Iterable[Filed], *, pairs: bool) -> None:
        """`pairs`: the texts are looked up by their pairs of words too."""
        self.unspaced: list[Filed] = []  # of a script that does not separate words
        self._open: list[Filed] = []  # without a whole word
        self._keyed: dict[Key, list[Filed]] = {}
        for number, rank, phrase in filed:
            words = _whole_words(phrase)
            if len(words) > 1 and pairs:
                # The longest words are the rarest, as a rule; to count them all takes longer than it saves.
                key: Key = max(pairwise(words), key=_letters)
                whole = len(words) == 2 and phrase.endswith(" ")  # noqa: PLR2004 - a pair
            elif words:
                key = max(words, key=len)
                whole = len(words) == 1 and phrase.endswith(" ")
            else:
                (self._open if phrase.isascii() else self.unspaced).append((number, rank, phrase))
                continue
            self._keyed.setdefault(key, []).append((number, rank, _WHOLE if whole else phrase))
        self._keys = frozenset(self._keyed)  # two sets compare by the hashes that they hold

    def collect(self, keys: Iterable[Key], text: str, found: dict[int, int]) -> None:
        """Add the best rank of each row of which a phrase stands in the text."""
        keyed = self._keyed
        for key in self._keys.intersection(keys):
            for number, rank, phrase in keyed[key]:
                if phrase in text and rank < found.get(number, _NONE):
                    found[number] = rank
        for number, rank, phrase in self._open:
            if phrase in text and rank < found.get(number, _NONE):
                found[number] = rank


class Phrases:
    """Phrases looked for in the words of a text, found by these words."""

    __slots__ = ("_phrases", "_table")

    def __init__(self, phrases: tuple[str, ...]) -> None:
        """File them; the row of each is its place."""
        self._phrases = phrases
        self._table = _Table(((place, 0, phrase) for place, phrase in enumerate(phrases)), pairs=True)

    def standing(self, facts: Facts) -> list[str]:
        """Return those that stand in the words, in their own order."""
        table, phrases = self._table, self._phrases
        found: dict[int, int] = {}
        table.collect(facts.words_keys, facts.words, found)
        if table.unspaced:
            found |= {place: 0 for place, _, phrase in table.unspaced if phrase in facts.words}
        return [phrases[place] for place in sorted(found)] if found else []


def _first_condition(row: Rule) -> tuple[str, ...]:
    """Return the phrases of which one must stand in the text; of `in_order` the group that says most."""
    return row.signature or row.any or row.alone or min(row.in_order, key=_single_words, default=())


def _single_words(group: tuple[str, ...]) -> int:
    return sum(phrase.count(" ") <= 2 for phrase in group)  # noqa: PLR2004 - the spaces around it


def _ranked(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Return the phrases, first the one that says most: the longest; then those without a whole word."""
    return tuple(sorted(phrases, key=lambda phrase: (not _whole_words(phrase), not phrase.isascii(), -len(phrase))))


def _letters(pair: tuple[str, str]) -> int:
    return len(pair[0]) + len(pair[1])


def _whole_words(phrase: str) -> list[str]:
    """Return the words of a phrase that stand whole; none where its script does not separate words."""
    if phrase[0] != " ":
        return []
    words = phrase.split()
    return words if phrase[-1] == " " else words[:-1]

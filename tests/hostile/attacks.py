"""Texts on which a regular expression does its worst, made from its own parse tree.

Each repeatable piece is repeated many times behind what must stand in front of it, and then something comes that does
not fit; and each beginning of the pattern is repeated, so that a search starts again and again.
"""

from __future__ import annotations

import re
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # the only way to a pattern's parse tree
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Attack", "attacks"]

# Letters that patterns for mail are made of; what several pieces of one pattern take is where time goes.
_LETTERS: Final = tuple("a0 .@<\"-:;=\n\t\\>(,[)]/'*xA5\u00e9!?#%&+_|~^`{}$\x00")
_REPEATS: Final = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_MANY: Final = 8  # a repeat with a lower bound is no danger
_TAILS: Final = ("", "\x00", "\n\n")


class Attack(NamedTuple):
    """A text of any size: a head, a piece over and over, a tail."""

    head: str
    piece: str
    tail: str

    def text(self, size: int) -> str:
        return self.head + (self.piece * (size // len(self.piece) + 1))[:size] + self.tail


class _Tree:
    def __init__(self, pattern: re.Pattern[Any]) -> None:
        source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        self.flags = pattern.flags & ~re.UNICODE
        self.root = _parser.parse(source, self.flags)
        self.compiled: dict[str, re.Pattern[str]] = {}
        classes = [item for item in self.items(self.root) if item[0] in {_constants.IN, _constants.NOT_LITERAL}]
        alike = {tuple(self.fits(item, letter) for item in classes): letter for letter in reversed(_LETTERS)}
        self.letters = list(alike.values())  # one of those that are the same to every class of letters

    def items(self, sequence: Any) -> Iterator[Any]:  # noqa: ANN401 - part of the parse tree
        """Yield every item, at any depth."""
        for item in sequence:
            yield item
            kind, value = item
            if kind in _REPEATS:
                yield from self.items(value[2])
            elif kind is _constants.BRANCH:
                yield from (inner for branch in value[1] for inner in self.items(branch))
            elif kind in {_constants.SUBPATTERN, _constants.ASSERT, _constants.ASSERT_NOT}:
                yield from self.items(value[-1])
            elif kind is _constants.ATOMIC_GROUP:
                yield from self.items(value)

    def fits(self, item: Any, letter: str) -> bool:  # noqa: ANN401 - an item of the parse tree
        key = repr(item)
        if key not in self.compiled:
            one = _parser.SubPattern(self.root.state, [item])
            self.compiled[key] = _compiler.compile(one, self.flags)
        return self.compiled[key].fullmatch(letter) is not None

    def examples(self, item: Any) -> list[str]:  # noqa: ANN401 - likewise
        """Return some texts that one item takes."""
        kind, value = item
        if kind is _constants.LITERAL:
            return [chr(value)]
        if kind in {_constants.NOT_LITERAL, _constants.ANY, _constants.IN}:
            found = [letter for letter in self.letters if self.fits(item, letter)]
            return found or [chr(code) for code in range(0x3000) if self.fits(item, chr(code))][:1]
        if kind is _constants.BRANCH:
            return [self.example(branch) for branch in value[1]]
        if kind in {_constants.SUBPATTERN, _constants.ATOMIC_GROUP}:
            return self.of_sequence(value[-1] if kind is _constants.SUBPATTERN else value)
        if kind in _REPEATS:
            least, most, inner = value
            return [one * max(least, min(most, 1)) for one in self.of_sequence(inner)]
        return [""]  # places, look-arounds

    def of_sequence(self, items: Any) -> list[str]:  # noqa: ANN401 - likewise
        if len(items) == 1:
            return self.examples(items[0])
        return [self.example(items)]

    def example(self, items: Any) -> str:  # noqa: ANN401 - likewise
        return "".join(next(iter(self.examples(item)), "") for item in items)

    def repeats(self, items: Any, head: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - likewise
        """Yield what stands in front of each repeatable piece, with the piece."""
        for item in items:
            kind, value = item
            if kind in _REPEATS:
                _, most, inner = value
                if most is _constants.MAXREPEAT or most > _MANY:
                    yield from ((head, piece) for piece in self.of_sequence(inner) if piece)
                yield from self.repeats(inner, head)
            elif kind is _constants.BRANCH:
                for branch in value[1]:
                    yield from self.repeats(branch, head)
            elif kind is _constants.SUBPATTERN:
                yield from self.repeats(value[-1], head)
            elif kind is _constants.ATOMIC_GROUP:
                yield from self.repeats(value, head)
            elif kind in {_constants.ASSERT, _constants.ASSERT_NOT} and value[0] > 0:
                yield from self.repeats(value[1], head)
            head += next(iter(self.examples(item)), "")
            if head:
                yield "", head


def attacks(pattern: re.Pattern[Any]) -> list[Attack]:
    """Return the attacks on a pattern, each once."""
    tree = _Tree(pattern)
    pairs = dict.fromkeys(tree.repeats(tree.root))
    again = {("", head + piece * times): None for head, piece in pairs if head for times in (1, 30)}
    return [Attack(head, piece, tail) for head, piece in [*pairs, *again] for tail in _TAILS]

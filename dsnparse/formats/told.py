"""Where in a notice's lines a failure or a delay is told: every phrase is looked up once, not once for each line."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from dsnparse.formats.phrases import places

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["Told"]


class Told:
    """The lines on which a failure is told, and those on which a failure or a delay is told."""

    def __init__(self, lines: Sequence[str]) -> None:
        stripped = [line.strip().lower() for line in lines]
        self._starts = [0, *accumulate(len(line) + 1 for line in stripped)]
        text = " ".join(stripped)
        # The line on which a phrase begins: the nearest line on which one that begins there ends.
        self._failures = self._spans(text, delays=False)
        self._anything = self._spans(text, delays=True, known=self._failures)

    def _spans(self, text: str, *, delays: bool, known: dict[int, int] | None = None) -> dict[int, int]:
        spans = dict(known or {})
        for start, end in places(text, delays=delays):
            first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
            spans[first] = min(last, spans.get(first, last))
        return spans

    def failure(self, numbers: Collection[int]) -> bool:
        """Tell whether a failure is told on these lines."""
        return any(first in self._failures and self._failures[first] in numbers for first in numbers)

    def around(self, number: int) -> bool:
        """Tell whether a failure or a delay is told on a line together with its neighbours."""
        return any(self._anything.get(first, number + 2) <= number + 1 for first in range(number - 1, number + 2))

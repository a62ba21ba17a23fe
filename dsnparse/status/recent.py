"""What was worked out last, for what comes again: servers answer a million recipients in a few words."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["Recent"]

_Value = TypeVar("_Value")


class Recent(Generic[_Value]):
    """The last answers by what they depend on; the oldest goes when there are too many.  Threads may share one."""

    def __init__(self, most: int) -> None:
        """Keep `most` answers at the most."""
        self._most = most
        self._known: dict[Hashable, _Value] = {}
        self._order: deque[Hashable] = deque()

    def get(self, key: Hashable, find: Callable[[], _Value]) -> _Value:
        """Return the answer that is known for `key`, else what `find` finds now; None is not remembered."""
        known = self._known.get(key)
        if known is not None:
            return known
        found = self._known[key] = find()
        self._order.append(key)
        if len(self._order) > self._most:
            self._known.pop(self._order.popleft(), None)
        return found

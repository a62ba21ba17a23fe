"""A property that is worked out once, when it is first asked for.

`functools.cached_property` does the same, and until Python 3.12 takes a lock for it: a microsecond each, ten times a
mail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lazy"]

_Value = TypeVar("_Value")


class lazy(Generic[_Value]):  # noqa: N801 - used as a decorator, like property
    """Like cached_property, without a lock: what is worked out twice by two threads comes out the same."""

    def __init__(self, work: Callable[..., _Value]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, instance: object, owner: type | None = None) -> _Value:
        value = self._work(instance)
        instance.__dict__[self._name] = value
        return value

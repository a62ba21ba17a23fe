"""Frozen dataclasses made and changed in half the time.

The `__init__` that `dataclasses` writes for a frozen class calls `object.__setattr__` with each field's name, and
reading one mail makes a hundred fields.  A slot's own descriptor sets it directly; the classes stay as frozen as they
were.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["quick_init", "replace"]

_Class = TypeVar("_Class", bound=type)
_Record = TypeVar("_Record")


def quick_init(cls: _Class) -> _Class:
    """Give a frozen, keyword-only dataclass with slots an `__init__` of the same signature that is quicker."""
    old = vars(cls)["__init__"]
    names = [field.name for field in fields(cls)]
    scope: dict[str, Any] = {f"_set_{name}": getattr(cls, name).__set__ for name in names}
    lines = []
    for field in fields(cls):
        made = field.name
        if callable(field.default_factory):
            scope |= {f"_make_{made}": field.default_factory, f"_no_{made}": old.__kwdefaults__[made]}
            lines.append(f" _set_{made}(self, _make_{made}() if {made} is _no_{made} else {made})")
        else:
            lines.append(f" _set_{made}(self, {made})")
    code = f"def __init__(self, *, {', '.join(names)}):\n" + "\n".join(lines)
    exec(code, scope)  # noqa: S102 - as dataclasses does; nothing but the names of fields is in it
    init = scope["__init__"]
    for name in ("__kwdefaults__", "__annotations__", "__qualname__", "__module__"):
        setattr(init, name, getattr(old, name))
    setattr(cls, "__init__", init)  # noqa: B010 - no type checker lets an assignment to it pass
    return cls


@cache
def _parts(cls: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(cls))
    return names, attrgetter(*names)


def replace(record: _Record, **changes: Any) -> _Record:  # noqa: ANN401 - the values of any fields
    """Return a dataclass of several fields with some of them changed, as `dataclasses.replace` does."""
    cls: Any = type(record)
    names, values = _parts(cls)
    made: _Record = cls(**{**dict(zip(names, values(record), strict=True)), **changes})
    return made

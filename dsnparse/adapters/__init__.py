"""Step 8: who is told.  To add one: a module with the class, a line in ADAPTERS, its tests, its page in the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import Adapter, Answer, Outcome
from dsnparse.adapters.suppression import SuppressionFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ADAPTERS", "Adapter", "Answer", "Outcome", "checked"]

ADAPTERS: Final[Mapping[str, Callable[[str], Adapter]]] = {
    "suppression": SuppressionFile,
}

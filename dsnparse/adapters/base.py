"""What an adapter is, and what it may meet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Decision

__all__ = ["Adapter", "Answer", "Outcome"]


class Outcome(StrEnum):
    """What an adapter met."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    NOT_FOUND = "not_found"  # only from a positive sign: the system says that it does not know the address
    REFUSED = "refused"  # wrong secret, no right: a person must mend it
    RETRY = "retry"  # server away, disk full: the same call may work later
    BAD_REQUEST = "bad_request"  # the address is none that can be handed over

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self in {Outcome.DONE, Outcome.ALREADY, Outcome.NOT_FOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one decision."""

    outcome: Outcome
    detail: str = ""  # one line for a person, empty when the outcome says all


class Adapter(Protocol):
    """A system that is told of decisions."""

    @property
    def name(self) -> str:
        """The kind and the target, as the journal names it: `suppression:/var/lib/list/dead.txt`."""

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Carry out every decision in force; give an answer for each, in order.

        The same decision may come again, as often as runs are made: it is then ALREADY so.  Never raises for what the
        other system does or says.
        """

"""What an adapter is, and what it may meet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Decision

__all__ = ["UNSAFE", "Adapter", "Answer", "Losable", "Outcome"]


class Outcome(StrEnum):
    """What an adapter met."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    NOT_FOUND = "not_found"  # only from a positive sign: the system says that it does not know the address
    REFUSED = "refused"  # wrong secret, no right, no such list: a person must mend it
    RETRY = "retry"  # server away, disk full: the same call may work later
    BAD_REQUEST = "bad_request"  # cannot be done here: the address is none that can be handed over, or the system
    # has no such call

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self in {Outcome.DONE, Outcome.ALREADY, Outcome.NOT_FOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one decision."""

    outcome: Outcome
    detail: str = ""  # one line for a person without any secret, empty when the outcome says all


# For an address that no program is called for (dsnparse.adapters.address).
UNSAFE: Final = Answer(outcome=Outcome.BAD_REQUEST, detail="no address that is safe to hand over")


class Adapter(Protocol):
    """A system that is told of decisions.

    One that keeps lists apart, so that who is off one list may be on another, has `one_list = True`.
    """

    @property
    def name(self) -> str:
        """The kind and the target, as the journal names it: `suppression:/var/lib/list/dead.txt`.  Never a secret."""

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Carry out decisions to disable, remove or restore; give an answer for each, in order.

        The same decision may come again, as after a kill: it is then ALREADY so.  Where the system's answer cannot be
        trusted, its state is read back.  Never raises for what the other system does or says; every wait has an end.
        """

    def check(self) -> Answer:
        """Tell whether the system can be reached with these settings: DONE, or what stands in the way.

        Changes nothing there.
        """


@runtime_checkable
class Losable(Protocol):
    """An adapter whose target may be lost, as a file is, and is then told of everything again."""

    def lost(self) -> bool:
        """Tell whether nothing is there of what it was told."""

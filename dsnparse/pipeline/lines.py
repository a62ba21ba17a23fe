"""What a run tells while it goes on, and what it came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsnparse.adapters import Answer
    from dsnparse.ledger import State
    from dsnparse.model import Decision, Kind, Recipient
    from dsnparse.policy import Storm

__all__ = ["Deed", "Line", "Summary"]

_KEPT = 1000  # of each list that is told of at the end, so that a bad day takes no memory


class Deed(StrEnum):
    """What is done about a recipient or a mail."""

    NOTHING = "nothing"
    WAIT = "not yet"  # more failures are needed
    DISABLE = "disable"
    REMOVE = "remove"
    HELD = "held"  # a guard stops it
    DISABLED = "disabled before"
    REMOVED = "removed before"
    PERSON = "left for you"  # the mail stays where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One recipient of a mail, or a mail as a whole, and what is done about it."""

    kind: Kind
    source: str
    recipient: Recipient | None = None
    address: str | None = None  # that is acted on: the subscriber's, where the report names a forwarding target too
    deed: Deed = Deed.NOTHING
    note: str = ""  # why


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a run came to."""

    live: bool = False
    read: int = 0
    known: int = 0  # of these, read by an earlier run
    old: int = 0  # of these, older than the ledger looks back, and left alone
    unreadable: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)  # of the mails read for the first time
    states: Counter[State] = field(default_factory=Counter)  # likewise
    left: int = 0  # mails that an earlier run left to a person and that still lie in new/
    new_events: int = 0
    decided: Counter[str] = field(
        default_factory=Counter
    )  # what was newly wanted in this run: disable, remove, restore
    ripe: int = 0  # decisions that may be done now
    ripening: int = 0  # decisions that are not ripe yet
    told: int = 0  # decisions that adapters were told of, each adapter counted
    untold: int = 0  # ripe decisions that no adapter is told of, as those of a list that none has
    acted: Counter[str] = field(default_factory=Counter)  # decisions done in this run, by what was wanted
    held: int = 0  # decisions that wait for a person, those of earlier runs among them
    held_now: list[Decision] = field(default_factory=list)  # newly, the first of them
    newly_held: int = 0
    storms: list[tuple[Storm, int]] = field(default_factory=list)  # those that nobody was told of before, each with
    # the number of addresses that were acted on for its failures already
    done: list[Decision] = field(default_factory=list)  # the first of them
    left_now: list[tuple[str, str]] = field(default_factory=list)  # mails newly left for a person, the first of them
    newly_listed: int = 0  # mails that a person is told of for the first time
    moved: int = 0
    unmoved: int = 0
    failed_on: list[str] = field(default_factory=list)  # mails on which dsnparse itself failed
    unsettled: Counter[Answer] = field(default_factory=Counter)  # what the adapters could not do
    unproven: bool = False  # neither a secret nor a sent table is there, so no report can show that it is true

    def hold(self, decision: Decision) -> None:
        """Count a decision that a guard stops from now on."""
        self.newly_held += 1
        if len(self.held_now) < _KEPT:
            self.held_now.append(decision)

    def leave(self, source: str, note: str) -> None:
        """Count a mail that a person is to look at."""
        self.newly_listed += 1
        if len(self.left_now) < _KEPT:
            self.left_now.append((source, note))

    def act(self, decision: Decision) -> None:
        """Count a decision that was done."""
        self.acted[decision.wanted] += 1
        if len(self.done) < _KEPT:
            self.done.append(decision)

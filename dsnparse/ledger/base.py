"""What a ledger is: the words, and the calls that a run makes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from dsnparse.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from dsnparse.model import Decision, Event, Kind
    from dsnparse.policy import Storm, Tally
    from dsnparse.trust import SentRow

__all__ = [
    "Age",
    "Current",
    "Done",
    "Due",
    "Known",
    "Ledger",
    "LedgerBusyError",
    "MailRecord",
    "Past",
    "State",
    "Subscription",
]


class LedgerBusyError(LedgerError):
    """The ledger is locked or its disk is full: the same run may work later."""


class State(StrEnum):
    """What a run made of a mail."""

    JUDGED = "judged"  # every recipient in it: it may leave new/
    PERSON = "person"  # a letter, or a complaint: a person reads it
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecord:
    """A mail that was read."""

    digest: bytes  # SHA-256 of its bytes
    state: State
    kind: Kind
    source: str  # where it lay
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger knows of a mail."""

    state: State
    kind: Kind
    listed: bool  # whether a person was told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The decision on an address that is in force, or is to be."""

    decision: Decision
    done: bool  # every adapter was told
    released: bool  # a person let it go


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of an address on a list."""

    events: tuple[Event, ...] = ()  # oldest first, without those that a person cleared
    succeeded_at: datetime | None = None  # when a mail was sent that is known to have arrived
    subscribed_at: datetime | None = None
    storms: tuple[Storm, ...] = ()  # of its domain, or of who refused; without those that a person let go
    current: Current | None = None
    forgotten: bool = False  # it was dead when it was forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A decision that an adapter is to be told."""

    number: int  # of the decision, in the order in which they were made
    decision: Decision
    attempts: int  # before this one
    in_doubt: bool  # the last one was begun and no answer was written: it may have reached the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done in a day: how many disables and removals took effect."""

    total: int = 0
    lists: Mapping[str, int]
    domains: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """When somebody subscribed."""

    address: str
    list: str = ""
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How long things are kept; None: for ever."""

    events: timedelta | None = None
    mails: timedelta | None = None
    journal: timedelta | None = None
    sent: timedelta | None = None


class Ledger(Protocol):
    """The store of mails read, failures, decisions and what became of them.

    Every call is one transaction, and those within `transaction` are one together.  All raise LedgerError, and
    LedgerBusyError where trying again may help.  Times are aware datetimes.
    """

    def transaction(self) -> AbstractContextManager[object]:
        """Make the calls within one transaction: all of them, or none."""

    # mails and events

    def known(self, digest: bytes) -> Known | None:
        """Return what is known of a mail, None when it was never read."""

    def record(self, mails: Sequence[MailRecord], now: datetime) -> list[tuple[bool, ...]]:
        """Write mails and their events; tell for each event whether it is new.

        An event that is there already stays, except that a hard one takes the place of one that was not, and the same
        one with more trust that of one with less.
        """

    def mark_listed(self, digests: Iterable[bytes], now: datetime) -> None:
        """Note that a person was told of these mails."""

    # deciding

    def pending(self, limit: int) -> list[tuple[str, str]]:
        """Return addresses and lists of which something new is known."""

    def current(self, address: str, on: str) -> Current | None:
        """Return the decision on an address that is in force, or is to be."""

    def past(self, address: str, on: str, now: datetime) -> Past:
        """Return what is known of an address on a list."""

    def decide(self, decision: Decision, now: datetime) -> bool:
        """Write what is wanted, in place of what was, and that nothing is pending; tell whether that is new.

        NONE takes back a decision that was not done yet.  What a person let go or dropped stays so.
        """

    def ended(self, now: datetime) -> Iterator[Decision]:
        """Yield the disables in force whose time is over."""

    # guards

    def tallies(self, now: datetime, least: int) -> list[Tally]:
        """Return how many addresses failed, for each domain and organisation with at least so many in a day or week."""

    def write_storms(self, storms: Iterable[Storm]) -> None:
        """Write storms, joined with those that they touch; those that a person let go stay as they are."""

    def untold_storms(self) -> list[Storm]:
        """Return the storms that nobody was told of."""

    def mark_storms_told(self, now: datetime) -> None:
        """Note that the operator was told of all storms."""

    def days_to_guard(self) -> list[datetime]:
        """Return the days, at midnight UTC, of failures that decided since the guards last looked at all of them."""

    def mark_guarded(self, now: datetime) -> None:
        """Note that the guards looked at every decision."""

    def acted_in(self, storm: Storm) -> int:
        """Return how many addresses were acted on for failures of a storm, before it was seen."""

    def storms(self) -> list[Storm]:
        """Return the storms that no person let go, oldest first."""

    def unguarded(self, after: int = 0, limit: int = 500) -> list[tuple[int, Decision]]:
        """Return decisions that are neither done, in part either, nor held, nor let go by a person, by number."""

    def hold(self, decisions: Iterable[Decision], now: datetime) -> None:
        """Hold decisions, for the guard and the reason that each bears."""

    def done_since(self, since: datetime) -> Done:
        """Count the disables and removals that took effect."""

    def held(self) -> Iterator[Decision]:
        """Yield the decisions that wait for a person."""

    def count_held(self) -> int:
        """Return how many decisions wait for a person."""

    # acting

    def dispatch(
        self,
        adapter: str,
        lists: Sequence[str],
        now: datetime,
        *,
        ripe: datetime | None = None,
        one_list: bool = False,
    ) -> None:
        """Put into the outbox of an adapter what is ripe, and what others were told already.

        lists: those that it is told of; none named: all.  ripe: what ripens until then is taken too.
        one_list: whether it keeps lists apart; else nobody is put back whom another list's decision keeps off.
        """

    def untold(self, now: datetime) -> int:
        """Return how many decisions are ripe and go to no adapter, as those of a list that none is told of."""

    def due(self, adapter: str, now: datetime, limit: int, after: int = 0) -> list[Due]:
        """Take decisions with a number above `after` out of an adapter's outbox; from here on each counts as tried."""

    def retell(self, adapter: str) -> None:
        """Forget what an adapter answered, so that it is told of everything again."""

    def settle(self, adapter: str, outcomes: Iterable[tuple[Due, str, str]], now: datetime) -> None:
        """Write what an adapter met, as (what was due, outcome, detail); the journal has it where it is new."""

    def finish(self, adapters: Sequence[str], now: datetime) -> Iterator[Decision]:
        """Close the decisions of which every one of these adapters was told, and yield them."""

    # what was sent

    def sent(self, message_id: str) -> list[SentRow]:
        """Return to whom a mail of ours was sent."""

    def sent_with(self, key: bytes) -> SentRow | None:
        """Return the newest mail that was sent with a subscriber's key in its return path."""

    def has_sent(self) -> bool:
        """Tell whether anything is known of what was sent."""

    def import_sent(self, rows: Iterable[SentRow | Subscription]) -> int:
        """Write what was sent and who subscribed; return how many lines were new."""

    def purge(self, age: Age, now: datetime) -> int:
        """Drop what is older than it is to be kept; return how many rows."""

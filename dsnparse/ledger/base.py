"""What a ledger is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from dsnparse.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dsnparse.model import Decision, Event, Kind

__all__ = ["Known", "Ledger", "LedgerBusyError", "MailRecord", "State"]


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


class Ledger(Protocol):
    """The store of mails read, failures, decisions and what became of them.

    Every method is one transaction.  All raise LedgerError, and LedgerBusyError where trying again may help.
    """

    def known(self, digest: bytes) -> Known | None:
        """Return what is known of a mail, None when it was never read."""

    def record(self, mails: Sequence[MailRecord], now: datetime) -> list[tuple[bool, ...]]:
        """Write mails and their events; tell for each event whether it is new.

        An event that is there already stays, except that a hard one takes the place of one that was not.
        """

    def mark_listed(self, digests: Iterable[bytes], now: datetime) -> None:
        """Note that a person was told of these mails."""

    def decision(self, address: str) -> Decision | None:
        """Return the decision on an address, held or in force."""

    def undecided(self) -> Iterator[Event]:
        """Yield the first hard event of each address that has no decision, in the order of recording."""

    def held(self) -> Iterator[Decision]:
        """Yield the decisions that wait for a person."""

    def in_force(self) -> Iterator[Decision]:
        """Yield the decisions that are to be carried out or were."""

    def intend(self, decisions: Iterable[Decision], now: datetime) -> None:
        """Write decisions before anything is done about them; one that is there already is written once."""

    def settle(self, adapter: str, outcomes: Iterable[tuple[Decision, str, str]], now: datetime) -> None:
        """Journal what an adapter met, as (decision, outcome, detail); a settled one is journalled once."""

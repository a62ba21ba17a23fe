"""What a run tells while it goes on, and what it came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsnparse.adapters import Answer
    from dsnparse.ledger import State
    from dsnparse.model import Kind, Recipient

__all__ = ["Deed", "Line", "Summary"]


class Deed(StrEnum):
    """What is done about a recipient or a mail."""

    NOTHING = "nothing"
    REMOVE = "remove"
    HELD = "held"  # a guard stops the removal
    REMOVED = "removed before"
    PERSON = "left for you"  # the mail stays where it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One recipient of a mail, or a mail as a whole, and what is done about it."""

    kind: Kind
    source: str | None = None  # None where an earlier run read it
    recipient: Recipient | None = None
    address: str | None = None  # that is acted on: the subscriber's, where the report names a forwarding target too
    deed: Deed = Deed.NOTHING
    note: str = ""  # why


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a run came to."""

    read: int = 0
    known: int = 0  # of these, read by an earlier run
    unreadable: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)  # of the mails read for the first time
    states: Counter[State] = field(default_factory=Counter)  # likewise
    left: int = 0  # mails that an earlier run left to a person and that still lie in new/
    dead: set[str] = field(default_factory=set)  # addresses
    new_events: int = 0
    removals: int = 0  # decided in this run
    held: int = 0  # addresses, those of earlier runs among them
    newly_held: int = 0
    newly_listed: int = 0  # mails that a person is told of for the first time
    moved: int = 0
    unmoved: int = 0
    failed_on: list[str] = field(default_factory=list)  # mails on which dsnparse itself failed
    unsettled: list[Answer] = field(default_factory=list)  # what the adapters could not do

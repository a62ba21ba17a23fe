"""What is known of an address on a list, and which of its failures count at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsnparse.policy.kinds import COMPLAINT, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dsnparse.model import Decision, Event
    from dsnparse.policy.guards import Storm
    from dsnparse.policy.rows import Policy

__all__ = ["History", "Sifted", "sift"]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that is known of an address on a list."""

    address: str
    list: str = ""
    events: Sequence[Event] = ()  # failures and complaints, without those that a person cleared
    succeeded_at: datetime | None = None  # when the last mail was sent that is known to have arrived
    subscribed_at: datetime | None = None  # the newest subscription; None: not known
    protected: bool = False  # an owner, a moderator, or named by the owner
    trust_configured: bool = False  # False: no secret and no sent table; every report then counts as weak
    storms: Sequence[Storm] = ()  # bad days of its domain, or of the organisations that refused it
    decision: Decision | None = None  # the one in force, or held
    forgotten: bool = False  # it was dead when it was forgotten


@dataclass(frozen=True, slots=True)
class Sifted:
    """The failures that count, by the count they go in and in the order of time, and why others do not."""

    counted: dict[str, list[Event]] = field(default_factory=dict)
    skipped: Sequence[str] = ()


def sift(history: History, policy: Policy) -> Sifted:
    """Keep the failures that count against the address."""
    counted: dict[str, list[Event]] = {}
    why: Counter[str] = Counter()
    for event in sorted(history.events, key=lambda event: (event.at, event.original)):
        kind = kind_of(event)
        if kind is None or policy.row(kind) is None:
            why["that says nothing of the address"] += 1
        elif reason := _past(event, kind, history):
            why[reason] += 1
        else:
            counted.setdefault(policy.count_of(kind), []).append(event)
    skipped = [f"{number} failure{'' if number == 1 else 's'} {text} not counted" for text, number in why.items()]
    return Sifted(counted, skipped)


def _past(event: Event, kind: str, history: History) -> str | None:
    """Say why a failure of the address no longer counts, or does not count at all; None: it counts."""
    if history.subscribed_at is not None and event.at < history.subscribed_at:
        return f"before the subscription of {history.subscribed_at:%Y-%m-%d}"
    if kind == COMPLAINT:  # that mail arrives is no consent, and a person complains whatever the day is
        return None
    if history.succeeded_at is not None and event.at < history.succeeded_at:
        return f"before the mail of {history.succeeded_at:%Y-%m-%d}, which arrived,"
    for storm in history.storms:
        if storm.covers(event):
            return f"on a bad day of {storm.group.partition(':')[2]}"
    return None

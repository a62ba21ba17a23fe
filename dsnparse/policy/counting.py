"""Counting failures against a row: how many, on how many days, over what time.  Linear in the number of failures."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from dsnparse.model import Event
    from dsnparse.policy.rows import Row

__all__ = ["Count", "Needed", "counts", "needed"]


@dataclass(frozen=True, slots=True)
class Needed:
    """What a row needs."""

    failures: int
    days: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Count:
    """What there is, up to and with one failure."""

    event: Event
    failures: int
    days: int
    span: timedelta

    def meets(self, needed: Needed) -> bool:
        """Tell whether it is enough."""
        return self.failures >= needed.failures and self.days >= needed.days and self.span >= needed.span


def needed(row: Row, *, proven: bool) -> Needed:
    """Return what a row needs; where nothing ties the reports to our mail, each must lie on a day of its own."""
    failures = row.failures or 1
    if proven:
        return Needed(failures, row.days, row.span)
    failures = max(failures, row.unproven)
    return Needed(failures, max(row.days, failures), row.span)


def counts(events: Sequence[Event], row: Row) -> Iterator[Count]:
    """Yield the count at each failure; `events` are in the order of time."""
    kept: deque[Event] = deque()
    days: Counter[date] = Counter()
    for event in events:
        if kept and row.stale is not None and event.at - kept[-1].at > row.stale:
            kept.clear()
            days.clear()
        kept.append(event)
        days[_day(event)] += 1
        while row.window is not None and event.at - kept[0].at > row.window:
            first = _day(kept.popleft())
            days[first] -= 1
            if not days[first]:
                del days[first]
        yield Count(event, len(kept), len(days), event.at - kept[0].at)


def _day(event: Event) -> date:
    return event.at.astimezone(UTC).date()

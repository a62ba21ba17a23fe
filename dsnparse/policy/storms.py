"""Bad days: so many addresses of one domain or organisation fail for good that its servers are wrong, not they.

In December 2020 a large provider answered "550 5.1.1" for living accounts for hours.  Nothing in such a report shows
it; only the numbers do.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median_low
from typing import TYPE_CHECKING, Final

from dsnparse.policy.groups import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dsnparse.model import Event
    from dsnparse.policy.guarding import GuardSettings

__all__ = ["Storm", "Tally", "storms"]

_WEEK: Final = 7
_LEAST_WEEKS: Final = 3  # of history; with fewer, one bad day would be the half of what is usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many addresses of a group had a hard failure, up to a moment.

    All addresses count, those that failed before as well: who failed in one storm fails again in the next.
    """

    group: str  # "domain:example.net" or "organisation:google.com"
    addresses_day: int  # different ones in the last 24 hours
    addresses_week: int  # different ones in the last seven days
    history: Sequence[int] = ()  # different ones on each day before that week, the newest first, zeros included
    mailed: int | None = None  # addresses that we mailed there lately; None: not known
    first_at: datetime  # of that week's hard failures
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """A time in which a group's failures are not believed."""

    group: str
    since: datetime
    until: datetime
    addresses: int
    why: str

    def covers(self, event: Event) -> bool:
        """Tell whether a failure lies in the storm of its own domain or organisation."""
        return self.since <= event.at <= self.until and self.group in groups_of(event)


def storms(tallies: Iterable[Tally], settings: GuardSettings, now: datetime) -> list[Storm]:
    """Return the storms that the tallies as of `now` show; each lasts from the week's first failure until `now`.

    Where mail was left lying for longer than a day, ask for the end of each day on which failures came, not for the
    present moment alone: a storm of last month is in no tally of today.
    """
    if not settings.storm:
        return []
    return [storm for tally in tallies if (storm := _storm(tally, settings, now)) is not None]


def _storm(tally: Tally, settings: GuardSettings, now: datetime) -> Storm | None:
    weeks = [tally.history[at : at + _WEEK] for at in range(0, len(tally.history) - _WEEK + 1, _WEEK)]
    day = _bar(settings.storm_cap, settings.storm_factor, [max(week) for week in weeks], tally, settings)
    week = _bar(settings.storm_week_cap, settings.storm_week_factor, [sum(week) for week in weeks], tally, settings)
    if tally.addresses_day > day:
        addresses, words, bar = tally.addresses_day, "a day", day
    elif tally.addresses_week > week:
        addresses, words, bar = tally.addresses_week, "a week", week
    else:
        return None
    kind, _, name = tally.group.partition(":")
    whose = "at" if kind == "domain" else "refused by"
    why = f"{addresses} addresses {whose} {name} failed for good in {words}; more than {bar} is not believed"
    return Storm(group=tally.group, since=tally.first_at, until=max(now, tally.last_at), addresses=addresses, why=why)


def _bar(cap: int, factor: int, past: Sequence[int], tally: Tally, settings: GuardSettings) -> int:
    """Return how many are still believed: the least that history and the mailed addresses allow, and the cap at least.

    A history of nothing but silence (a new ledger, a list that is mailed once a month) says nothing.
    """
    usual = median_low(past) if len(past) >= _LEAST_WEEKS else 0
    allowed: list[float] = [factor * usual] if usual else []
    if tally.mailed is not None:
        allowed.append(settings.storm_share * tally.mailed)
    return max(cap, int(min(allowed, default=0)))

"""A ledger in memory and the run over it: what the pipeline does, as small as it can be."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from dsnparse.model import BounceType, Decision, Wanted
from dsnparse.policy import Caps, GuardSettings, History, Policy, Storm, Tally, decide, domain_of, preset, storms
from dsnparse.policy.guards import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dsnparse.model import Event

__all__ = ["Ledger"]

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
HISTORY = timedelta(days=60)


def _at(entry: tuple[datetime, str]) -> datetime:
    return entry[0]


class Ledger:
    """What is known, and what was done."""

    def __init__(
        self, policy: Policy | None = None, guard: GuardSettings | None = None, mailed: dict[str, int] | None = None
    ) -> None:
        """Begin with nothing known; mailed: by group, where there is a sent table."""
        self.policy = policy or preset("careful")
        self.guard = guard or GuardSettings()
        self.mailed = mailed or {}
        self.events: dict[str, list[Event]] = defaultdict(list)
        self.succeeded: dict[str, datetime] = {}
        self.hard: dict[str, list[tuple[datetime, str]]] = defaultdict(list)  # by group, in the order of time
        self.storms: dict[str, list[Storm]] = defaultdict(list)  # by group
        self.told: list[tuple[datetime, Storm]] = []  # each storm when it was first seen
        self.open: dict[str, Decision] = {}
        self.done: dict[str, tuple[datetime, Decision]] = {}  # in force
        self.journal: list[tuple[datetime, Decision]] = []
        self.waited: Counter[str] = Counter()  # decisions put off by a cap, by address
        self.first: datetime | None = None

    def run(self, events: Iterable[Event], now: datetime) -> None:
        """Take in what came, look for storms, decide, and do what is ripe."""
        changed = set()
        nights = set()
        for event in events:
            nights.add(event.at.replace(hour=0, minute=0, second=0, microsecond=0) + DAY)
            self.first = self.first or event.at
            self.events[event.address].append(event)
            changed.add(event.address)
            if event.bounce_type is BounceType.HARD:
                for group in groups_of(event):
                    self.hard[group].append((event.at, event.address))
        for moment in sorted({*(night for night in nights if night < now), now}):
            self._look_for_storms(moment)  # mail may have been left lying for long
        for address in sorted(changed):
            self._decide(address, now)
        self._restore(now)
        self._act(now)

    def gone(self, address: str) -> bool:
        """Tell whether an address gets no mail now."""
        return address in self.done

    def _look_for_storms(self, now: datetime) -> None:
        for storm in storms(self._tallies(now), self.guard, now):
            known = self.storms[storm.group]
            if known and known[-1].until >= storm.since - DAY:
                before = known.pop()
                storm = Storm(  # noqa: PLW2901 - the two are one
                    group=storm.group,
                    since=min(before.since, storm.since),
                    until=storm.until,
                    addresses=max(before.addresses, storm.addresses),
                    why=storm.why if storm.addresses >= before.addresses else before.why,
                )
            else:
                self.told.append((now, storm))
            known.append(storm)

    def _tallies(self, now: datetime) -> list[Tally]:
        tallies = []
        least = min(self.guard.storm_cap, self.guard.storm_week_cap)
        for group, hard in self.hard.items():
            week = hard[bisect_right(hard, now - WEEK, key=_at) : bisect_right(hard, now, key=_at)]
            if len(week) <= least:
                continue
            tallies.append(
                Tally(
                    group=group,
                    addresses_day=len({address for at, address in week if at > now - DAY}),
                    addresses_week=len({address for _, address in week}),
                    history=self._history(hard, now - WEEK),
                    mailed=self.mailed.get(group),
                    first_at=week[0][0],
                    last_at=week[-1][0],
                )
            )
        return tallies

    def _history(self, hard: list[tuple[datetime, str]], week: datetime) -> list[int]:
        began = max(self.first or week, week - HISTORY)
        counts = []
        for ago in range((week - began) // DAY):
            start, end = (bisect_left(hard, week - DAY * days, key=_at) for days in (ago + 1, ago))
            counts.append(len({address for _, address in hard[start:end]}))
        return counts

    def _decide(self, address: str, now: datetime) -> None:
        events = self.events[address]
        groups = {group for event in events for group in groups_of(event)}
        in_force = self.done.get(address)
        known = History(
            address=address,
            events=events,
            succeeded_at=self.succeeded.get(address),
            trust_configured=True,
            storms=[storm for group in groups for storm in self.storms.get(group, ())],
            decision=self.open.get(address) or (in_force[1] if in_force else None),
        )
        decision = decide(known, self.policy, now)
        self.open.pop(address, None)
        if decision.wanted is not Wanted.NONE and (in_force is None or in_force[1].id != decision.id):
            self.open[address] = decision

    def _restore(self, now: datetime) -> None:
        over = [address for address, (_, decision) in self.done.items() if decision.until and decision.until <= now]
        for address in over:
            del self.done[address]

    def _act(self, now: datetime) -> None:
        lately = Counter(domain_of(decision.address) for at, decision in self._lately(now))
        caps = Caps(self.guard, total=lately.total(), domains=lately)
        for address in [*self.open]:
            self._decide(address, now)  # a storm may have been seen since
            decision = self.open.get(address)
            if decision is None or decision.held or (decision.ripe_at and decision.ripe_at > now):
                continue
            if caps.allowed(decision) is not None:
                self.waited[address] += 1
                continue
            self.done[address] = now, self.open.pop(address)
            self.journal.append(self.done[address])

    def _lately(self, now: datetime) -> list[tuple[datetime, Decision]]:
        place = bisect_right(self.journal, now - DAY, key=lambda entry: entry[0])
        return self.journal[place:]

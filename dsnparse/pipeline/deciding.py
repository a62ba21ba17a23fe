"""What is wanted for whom: each address by itself, then all of them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

from dsnparse.model import Guard, Wanted
from dsnparse.policy import Caps, History, decide, storms
from dsnparse.policy.guards import groups_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dsnparse.config import Config
    from dsnparse.ledger import Ledger
    from dsnparse.model import Decision
    from dsnparse.pipeline.lines import Summary
    from dsnparse.policy import Storm

__all__ = ["Deciding"]

_SOME: Final = 500  # addresses in one transaction
_DAY: Final = timedelta(days=1)
_OFF: Final = frozenset({Wanted.DISABLE, Wanted.REMOVE})


class Deciding:
    """The decisions of one run."""

    def __init__(self, config: Config, ledger: Ledger, summary: Summary, now: datetime, *, unripe: bool) -> None:
        """Take what is needed; `unripe`: what is not ripe yet may be done too."""
        self._config, self._ledger, self._summary, self._now, self._unripe = config, ledger, summary, now, unripe
        self._protected = {on.name: {*config.protect, *on.protect} for on in config.lists}
        self._all = {*config.protect}.union(*self._protected.values())  # where the list is not known
        self._configured = bool(config.trust.keys) or ledger.has_sent()
        summary.unproven = not self._configured and not config.policy.accept_unsigned

    def pending(self) -> dict[tuple[str, str], Decision]:
        """Decide on the addresses of which something new is known; return what was decided, by address and list.

        Those of a batch that was just recorded, or that an earlier run was stopped at: see `rest` for more.
        """
        decided = {}
        with self._ledger.transaction():
            for address, on in self._ledger.pending(_SOME):
                decided[address, on] = decision = self._decide(address, on)
                if self._ledger.decide(decision, self._now) and decision.wanted is not Wanted.NONE:
                    self._summary.decided[decision.wanted] += 1
                    if decision.held is not None:
                        self._summary.hold(decision)
        return decided

    def rest(self) -> None:
        """Decide on all that is left."""
        while self.pending():
            pass

    def _decide(self, address: str, on: str) -> Decision:
        past = self._ledger.past(address, on, self._now)
        history = History(
            address=address,
            list=on,
            events=[event for event in past.events if event.at <= self._now],  # the clock may have been ahead
            succeeded_at=past.succeeded_at,
            subscribed_at=past.subscribed_at,
            protected=self._is_protected(address, on),
            trust_configured=self._configured,
            storms=past.storms,
            decision=past.current.decision if past.current else None,
            forgotten=past.forgotten,
        )
        decision = decide(history, self._config.policy, self._now)
        if decision.wanted is Wanted.NONE and past.current is not None and past.current.done:
            done = past.current.decision
            if past.subscribed_at is not None and past.subscribed_at > done.event.at and done.wanted in _OFF:
                return replace(done, wanted=Wanted.RESTORE, why="subscribed anew", until=None, ripe_at=None)
        return decision

    def _is_protected(self, address: str, on: str) -> bool:
        return address.lower() in self._protected.get(on, self._all)

    def ended(self) -> None:
        """Let those be mailed again whose time is over."""
        for decision in list(self._ledger.ended(self._now)):
            restore = replace(decision, wanted=Wanted.RESTORE, why="the time is over", until=None, ripe_at=None)
            self._summary.decided[Wanted.RESTORE] += self._ledger.decide(restore, self._now)

    def guard(self) -> None:
        """Hold what the guards that look at all addresses have something against: bad days first, then the caps."""
        settings = self._config.guard
        least = min(settings.storm_cap, settings.storm_week_cap) + 1
        for moment in self._moments() if settings.storm else ():
            found = storms(self._ledger.tallies(moment, least), settings, moment)
            self._ledger.write_storms(found)
        self._summary.storms = [(storm, self._ledger.acted_in(storm)) for storm in self._ledger.untold_storms()]
        known: dict[str, list[Storm]] = {}
        for storm in self._ledger.storms():
            known.setdefault(storm.group, []).append(storm)
        self._each(lambda decision: self._against(decision, known))
        done = self._ledger.done_since(self._now - _DAY)
        caps = Caps(
            settings,
            sizes={on.name: on.size for on in self._config.lists if on.size is not None},
            total=done.total,
            lists=done.lists,
            domains=done.domains,
        )
        self._each(lambda decision: self._capped(decision, caps))
        self._ledger.mark_guarded(self._now)

    def _moments(self) -> list[datetime]:
        """Return when to look for bad days: now, and at the end of each day on which something failed that is open.

        Mail that lay for a month would else be judged by the one day on which it was read.
        """
        ends = (day + _DAY for day in self._ledger.days_to_guard())
        return [*(end for end in ends if end < self._now), self._now]

    def _against(self, decision: Decision, known: dict[str, list[Storm]]) -> Decision | None:
        if self._is_protected(decision.address, decision.list):
            return replace(decision, held=Guard.PROTECTED, why="the address is protected")
        for storm in chain.from_iterable(known.get(group, ()) for group in groups_of(decision.event)):
            if decision.event.feedback_type is None and storm.covers(decision.event):
                return replace(decision, held=Guard.STORM, why=f"{decision.why}; but {storm.why}")
        return None

    def _capped(self, decision: Decision, caps: Caps) -> Decision | None:
        if not self._unripe and decision.ripe_at is not None and decision.ripe_at > self._now:
            self._summary.ripening += 1
            return None
        why = caps.allowed(decision)
        if why is None:
            self._summary.ripe += 1
            return None
        return replace(decision, held=Guard.CAP, why=f"{decision.why}; but {why}")

    def _each(self, look: Callable[[Decision], Decision | None]) -> None:
        """Hold those decisions of which `look` says so."""
        after = 0
        while some := self._ledger.unguarded(after, _SOME):
            after = some[-1][0]
            held = [decision for _, one in some if (decision := look(one)) is not None]
            self._ledger.hold(held, self._now)
            for decision in held:
                self._summary.hold(decision)

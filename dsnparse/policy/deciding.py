"""One address on one list: what is wanted for it, and why.

The failures are counted for each kind apart, and for each degree of trust apart: a forged report never helps a true
one over the bar.  What is found first stays what decides, so that the same decision keeps its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsnparse.model import Decision, Event, Guard, Trust, Wanted
from dsnparse.policy.counting import Count, Needed, counts, needed
from dsnparse.policy.history import History, sift
from dsnparse.policy.kinds import HARD
from dsnparse.policy.wording import progress, reached
from dsnparse.text.addresses import is_daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from dsnparse.policy.rows import Policy, Row

__all__ = ["History", "decide"]

_SURENESS: Final = {Trust.NONE: 0, Trust.WEAK: 1, Trust.STRONG: 2}


@dataclass(frozen=True, slots=True)
class _View:
    """The failures that are at least so sure, and whether those of another address behind this one are among them."""

    trust: Trust
    direct: bool
    events: dict[str, list[Event]]  # by the count they go in


@dataclass(frozen=True, slots=True)
class _Found:
    """A row that is met."""

    view: _View
    kind: str
    row: Row
    need: Needed
    count: Count
    wanted: Wanted
    until: datetime | None
    held: Guard | None

    @property
    def rank(self) -> tuple[bool, bool, bool, float]:
        """What counts for more: not held, remove before disable, without end before for a time, then the longest."""
        until = float("inf") if self.until is None else self.until.timestamp()
        return self.held is None, self.wanted is Wanted.REMOVE, self.until is None, until


def decide(history: History, policy: Policy, now: datetime) -> Decision:
    """Say what is wanted for an address on a list.

    NONE where nothing counts, or not enough; `why` then says what is missing.  DISABLE and REMOVE name the failure
    that decided, and are not to be done before `ripe_at`.  Never raises for what a report may contain.
    """
    sifted = sift(history, policy)
    best: _Found | None = None
    over: datetime | None = None
    for view in _views(sifted.counted, history):
        for kind in view.events:
            found = _found(view, kind, history, policy)
            if found is None:
                continue
            if found.until is not None and found.until <= now:
                over = max(over or found.until, found.until)
            elif best is None or found.rank > best.rank:
                best = found
    if best is None:
        why = progress(sifted, _nearest(sifted.counted, history, policy), over)
        return Decision(
            address=history.address, list=history.list, wanted=Wanted.NONE, why=why, event=_last(history, now)
        )
    return Decision(
        address=history.address,
        list=history.list,
        wanted=best.wanted,
        held=best.held,
        why=reached(best.kind, best.count, best.need, _proof(best, history), _notes(best, history, sifted.skipped)),
        event=best.count.event,
        until=best.until,
        ripe_at=best.count.event.at + policy.settle,
    )


def _views(counted: dict[str, list[Event]], history: History) -> Iterator[_View]:
    """Yield the failures to look at, the surest first; what adds nothing to the view before is left out."""
    passed_on = any(event.final_address is not None for some in counted.values() for event in some)
    for direct in (True, False) if passed_on else (True,):
        before = 0
        for trust in (Trust.STRONG, Trust.WEAK, Trust.NONE):
            events: dict[str, list[Event]] = {}
            for kind, some in counted.items():
                if chosen := [event for event in some if _belongs(event, trust, history, direct=direct)]:
                    events[kind] = chosen
            size = sum(map(len, events.values()))
            if size > before:
                yield _View(trust, direct, events)
            before = size


def _belongs(event: Event, trust: Trust, history: History, *, direct: bool) -> bool:
    if direct and event.final_address is not None:
        return False
    return _SURENESS[_trust(event, history)] >= _SURENESS[trust]


def _trust(event: Event, history: History) -> Trust:
    """Return how sure a report is; where nothing is set up that could prove any, every one is weak."""
    return event.trust if history.trust_configured else Trust.WEAK


def _found(view: _View, kind: str, history: History, policy: Policy) -> _Found | None:
    row = policy.rows[kind]
    need = _need(row, kind, history, proven=view.trust is not Trust.NONE)
    met = [count for count in counts(view.events[kind], row) if count.meets(need)]
    if not met:
        return None
    strong = view.trust is Trust.STRONG
    wanted = Wanted.DISABLE if row.action is Wanted.REMOVE and not strong else row.action
    held = _guard(view, history, policy)
    if wanted is Wanted.REMOVE or row.disable_for is None:
        return _Found(view, kind, row, need, _same(met, wanted, held, history), wanted, None, held)
    count, until = _latest(met, policy.settle + row.disable_for)
    return _Found(view, kind, row, need, count, wanted, until, held)


def _need(row: Row, kind: str, history: History, *, proven: bool) -> Needed:
    need = needed(row, proven=proven)
    if history.forgotten and history.subscribed_at is None and kind in HARD:
        return Needed(1, 1, need.span * 0)  # it was dead before: one more failure shows that it still is
    return need


def _same(met: Sequence[Count], wanted: Wanted, held: Guard | None, history: History) -> Count:
    """Return the first failure that was enough, or the one that decided already where a report came out of order."""
    known = history.decision
    if known is not None and (known.wanted, known.held, known.until) == (wanted, held, None):
        for count in met:
            if count.event.original == known.event.original:
                return count
    return met[0]


def _latest(met: Sequence[Count], time: timedelta) -> tuple[Count, datetime]:
    """Return the failure that began the last time of no mail, and its end; mail still under way does not prolong it."""
    count, until = met[0], met[0].event.at + time
    for other in met[1:]:
        if other.event.at >= until:
            count, until = other, other.event.at + time
    return count, until


def _guard(view: _View, history: History, policy: Policy) -> Guard | None:
    if history.protected:
        return Guard.PROTECTED
    if is_daemon(history.address):
        return Guard.SYSTEM
    if not view.direct:
        return Guard.ALIAS
    return Guard.TRUST if view.trust is Trust.NONE and not policy.accept_unsigned else None


def _proof(found: _Found, history: History) -> Trust | None:
    return found.view.trust if history.trust_configured else None


def _notes(found: _Found, history: History, skipped: Sequence[str]) -> list[str]:
    """Return what an owner should know of a decision."""
    notes = []
    if found.row.action is Wanted.REMOVE and found.wanted is Wanted.DISABLE:
        notes.append("disabled and not removed, because only reports to a signed return path may remove")
    if found.held is Guard.ALIAS:
        notes.append(f"its mail goes on to {found.count.event.final_address or 'another address'}, who failed")
    if history.forgotten and found.kind in HARD:
        notes.append("it was dead before it was forgotten")
    return [*notes, *skipped]


def _nearest(counted: dict[str, list[Event]], history: History, policy: Policy) -> tuple[str, Count, Needed] | None:
    """Return the kind of failure of which the least is missing, with what is there and what is needed."""
    best: tuple[float, str, Count, Needed] | None = None
    for view in _views(counted, history):
        for kind, events in view.events.items():
            need = _need(policy.rows[kind], kind, history, proven=view.trust is not Trust.NONE)
            *_, count = counts(events, policy.rows[kind])
            part = count.failures / need.failures
            if best is None or part > best[0]:
                best = part, kind, count, need
    return None if best is None else best[1:]


def _last(history: History, now: datetime) -> Event:
    if history.events:
        return max(history.events, key=lambda event: (event.at, event.original))
    return Event(address=history.address, list=history.list, original="", at=now)

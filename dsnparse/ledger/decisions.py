"""What is known of an address, and what is wanted for it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.ledger.base import Current, Past
from dsnparse.ledger.store import COLUMNS, Store, event_of, seconds, text_of, time_of
from dsnparse.model import Decision, Guard, Wanted
from dsnparse.policy import Storm
from dsnparse.policy.guards import domain_of, organisation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

__all__ = ["DECISION", "Decisions", "decision_of", "storm_of"]

# A mail that nothing came back for in so long has arrived: mail servers give up after five days (RFC 5321 4.5.4.1).
_ARRIVED: Final = timedelta(days=7)

_FIELDS: Final = (
    "SELECT decision.number, decision.list, decision.wanted, decision.held, decision.why, decision.until, "
    "decision.ripe_at, decision.evidence, decision.address"
)
DECISION: Final = f"{_FIELDS} FROM decision "
# A list has it, or may have it: it was told, and the answer was cut off.
BEGUN: Final = "(outbox.outcome = 'done' OR outbox.attempts > 0 AND outbox.outcome IS NULL)"
_PARTLY: Final = f"SELECT 1 FROM outbox JOIN decision ON number = outbox.decision WHERE decision.id = ? AND {BEGUN}"
STORM: Final = "SELECT name, since, until, addresses, why FROM storm "
_EVENTS: Final = (
    f"SELECT {', '.join(COLUMNS)} FROM event WHERE address = ? AND list = ? AND NOT cleared ORDER BY at, id"
)
_SUCCEEDED: Final = """
    SELECT max(at) FROM sent WHERE address = :address AND list IN (:list, '') AND at <= :arrived AND NOT EXISTS (
        SELECT 1 FROM event WHERE event.address = sent.address AND NOT event.cleared
        AND (event.original = sent.message_id OR event.at BETWEEN sent.at AND sent.at + :wait))
"""
_STRENGTH: Final = {Wanted.NONE: 0, Wanted.RESTORE: 0, Wanted.DISABLE: 1, Wanted.REMOVE: 2}
_FOR_THE_RUN: Final = frozenset({Guard.STORM, Guard.CAP})  # the guards that look at more than one address


class Decisions(Store):
    """Deciding."""

    def pending(self, limit: int) -> list[tuple[str, str]]:
        """Return addresses and lists of which something new is known."""
        return [
            (str(a), str(b))
            for a, b in self.rows("SELECT address, list FROM pending ORDER BY number LIMIT ?", (limit,))
        ]

    def past(self, address: str, on: str, now: datetime) -> Past:
        """Return what is known of an address on a list."""
        on = text_of(on)
        events = tuple(event_of(dict(zip(COLUMNS, row, strict=True))) for row in self.rows(_EVENTS, (address, on)))
        since = self.rows("SELECT max(since) FROM subscription WHERE address = ? AND list IN (?, '')", (address, on))
        arrived = self.rows(
            _SUCCEEDED,
            {
                "address": address,
                "list": on,
                "arrived": seconds(now - _ARRIVED),
                "wait": int(_ARRIVED.total_seconds()),
            },
        )
        return Past(
            events=events,
            succeeded_at=time_of(arrived[0][0]),
            subscribed_at=time_of(since[0][0]),
            storms=self._storms(address, {organisation(event.remote_mta) for event in events}),
            current=self.current(address, on),
            forgotten=self.was_forgotten(address) is not None,
        )

    def was_forgotten(self, address: str) -> Wanted | None:
        """Return what was wanted for an address that was dead when it was forgotten."""
        raise NotImplementedError

    def _storms(self, address: str, organisations: Iterable[str | None]) -> tuple[Storm, ...]:
        names = [f"domain:{domain_of(address)}", *(f"organisation:{name}" for name in organisations if name)]
        marks = ", ".join("?" * len(names))
        found = self.rows(f"{STORM} WHERE NOT released AND name IN ({marks}) ORDER BY since", names)
        return tuple(map(storm_of, found))

    def current(self, address: str, on: str) -> Current | None:
        """Return the decision on an address that is in force, or is to be."""
        where = "WHERE address = ? AND list = ? AND state IN ('open', 'done')"
        statement = f"{_FIELDS}, state = 'done', released FROM decision {where}"
        for *row, done, released in self.rows(statement, (address, text_of(on))):
            return Current(decision=decision_of(row), done=bool(done), released=bool(released))
        return None

    def decide(self, decision: Decision, now: datetime) -> bool:
        """Write what is wanted, in place of what was, and that nothing is pending; tell whether that is new."""
        place = (decision.address, text_of(decision.list))
        with self.transaction() as connection:
            connection.execute("DELETE FROM pending WHERE address = ? AND list = ?", place)
            current = self.current(*place)
            if decision.wanted is Wanted.NONE:
                return self._give_up(connection, current, decision.why, now)
            if current is not None and not _replaces(decision, current):
                return False
            if current is not None and current.decision.id == decision.id:
                return _let_go(connection, decision, now)
            before = connection.execute("SELECT state FROM decision WHERE id = ?", (decision.id,)).fetchone()
            if before is not None and (before[0] != "over" or connection.execute(_PARTLY, (decision.id,)).fetchone()):
                return False  # a person dropped it, or it was done and its time is over
            _over(connection, place, f"in its place: {decision.wanted}", now)
            if before is None:
                _write(connection, decision, now)
            else:
                _reopen(connection, decision, now)
            return True

    def _give_up(self, connection: sqlite3.Connection, current: Current | None, why: str, now: datetime) -> bool:
        """End a decision that nothing speaks for any more, unless it is done or a person let it go."""
        if current is None or current.done or current.released or current.decision.wanted is Wanted.RESTORE:
            return False
        if current.decision.held is Guard.STORM:
            return False  # the bad day that holds it is why nothing speaks for it: a person may know better
        if connection.execute(_PARTLY, (current.decision.id,)).fetchone():
            # One list has it already, others not yet: that one is told to take it back.
            return self.decide(_back(current.decision, why), now)
        return _over(connection, (current.decision.address, text_of(current.decision.list)), why, now)

    def ended(self, now: datetime) -> Iterator[Decision]:
        """Yield the disables in force whose time is over."""
        told = f"EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = decision.number AND {BEGUN})"
        where = (
            f"WHERE (state = 'done' OR state = 'open' AND {told}) AND wanted = 'disable' AND until <= ? ORDER BY number"
        )
        yield from map(decision_of, self.rows(f"{DECISION} {where}", (seconds(now),)))

    def give_up(self, address: str, on: str, why: str, now: datetime) -> bool:
        """End what is decided for an address and not done; what one list has already is taken back."""
        with self.transaction() as connection:
            return self._give_up(connection, self.current(address, on), why, now)

    def hold(self, decisions: Iterable[Decision], now: datetime) -> None:
        """Hold decisions, for the guard and the reason that each bears."""
        with self.transaction() as connection:
            for decision in decisions:
                connection.execute(
                    "UPDATE decision SET held = ?, why = ? WHERE id = ? AND state = 'open' AND NOT released",
                    (decision.held, text_of(decision.why), decision.id),
                )
                note(connection, decision.id, "held", decision.why, now)

    def held(self) -> Iterator[Decision]:
        """Yield the decisions that wait for a person."""
        where = "WHERE held IS NOT NULL AND state = 'open' ORDER BY number"
        yield from map(decision_of, self.each(f"{DECISION} {where}"))

    def count_held(self) -> int:
        """Return how many decisions wait for a person."""
        return self.number("SELECT count(*) FROM decision WHERE held IS NOT NULL AND state = 'open'")

    def unguarded(self, after: int = 0, limit: int = 500) -> list[tuple[int, Decision]]:
        """Return decisions that are neither done, in part either, nor held, nor let go by a person, by number."""
        where = (
            "WHERE state = 'open' AND held IS NULL AND NOT released AND wanted != 'restore' AND number > ? "
            f"AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = decision.number AND {BEGUN}) "
            "ORDER BY number LIMIT ?"
        )
        return [(int(str(row[0])), decision_of(row)) for row in self.rows(f"{DECISION} {where}", (after, limit))]


def _replaces(decision: Decision, current: Current) -> bool:
    """Tell whether a new decision takes the place of the one that stands."""
    old = current.decision
    if current.released and not current.done:
        return False
    if _STRENGTH[decision.wanted] != _STRENGTH[old.wanted]:
        stronger = _STRENGTH[decision.wanted] > _STRENGTH[old.wanted]
        return stronger or decision.wanted is Wanted.RESTORE or (old.held is not None and decision.held is None)
    if old.held is None and not current.done and old.ripe_at is not None and decision.ripe_at is not None:
        return decision.id != old.id and decision.ripe_at < old.ripe_at  # the clock was ahead when it was decided
    if old.held is None or decision.held is not None:
        return False
    return decision.id != old.id or old.held not in _FOR_THE_RUN


def _back(decision: Decision, why: str) -> Decision:
    return replace(decision, wanted=Wanted.RESTORE, held=None, why=why, until=None, ripe_at=None)


def _over(connection: sqlite3.Connection, place: tuple[str, str], why: str, now: datetime) -> bool:
    """End the decision that stands; tell whether there was one."""
    rows = connection.execute(
        "SELECT id FROM decision WHERE address = ? AND list = ? AND state IN ('open', 'done')", place
    ).fetchall()
    for (name,) in rows:
        connection.execute("UPDATE decision SET state = 'over' WHERE id = ?", (name,))
        note(connection, name, "over", why, now)
    return bool(rows)


def _let_go(connection: sqlite3.Connection, decision: Decision, now: datetime) -> bool:
    """Take back the hold of a guard that has nothing against a decision any more."""
    connection.execute(
        "UPDATE decision SET held = NULL, why = ?, evidence = ? WHERE id = ?",
        (text_of(decision.why), _evidence(decision), decision.id),
    )
    note(connection, decision.id, "intended", decision.why, now)
    return True


def _write(connection: sqlite3.Connection, decision: Decision, now: datetime) -> None:
    connection.execute(
        "INSERT INTO decision "
        "(id, address, list, wanted, state, held, why, until, ripe_at, event, evidence, decided_at) "
        "SELECT ?, ?, ?, ?, 'open', ?, ?, ?, ?, coalesce((SELECT id FROM event WHERE address = ? AND list = ? "
        "AND original = ?), 0), ?, ?",
        (
            decision.id,
            decision.address,
            text_of(decision.list),
            decision.wanted,
            decision.held,
            text_of(decision.why),
            None if decision.until is None else seconds(decision.until),
            None if decision.ripe_at is None else seconds(decision.ripe_at),
            decision.address,
            text_of(decision.list),
            text_of(decision.event.original),
            _evidence(decision),
            seconds(now),
        ),
    )
    note(connection, decision.id, "held" if decision.held else "intended", decision.why, now)


def _reopen(connection: sqlite3.Connection, decision: Decision, now: datetime) -> None:
    """Decide again what was given up before anybody was told of it."""
    connection.execute("DELETE FROM outbox WHERE decision = (SELECT number FROM decision WHERE id = ?)", (decision.id,))
    connection.execute(
        "UPDATE decision SET state = 'open', released = 0, held = ?, why = ?, until = ?, ripe_at = ?, evidence = ? "
        "WHERE id = ?",
        (
            decision.held,
            text_of(decision.why),
            None if decision.until is None else seconds(decision.until),
            None if decision.ripe_at is None else seconds(decision.ripe_at),
            _evidence(decision),
            decision.id,
        ),
    )
    note(connection, decision.id, "held" if decision.held else "intended", decision.why, now)


def _evidence(decision: Decision) -> str:
    return json.dumps(asdict(decision.event), default=str)


def note(connection: sqlite3.Connection, name: str, what: str, detail: str, now: datetime) -> None:
    """Write a line of the journal about a decision."""
    connection.execute(
        "INSERT INTO journal (at, decision, what, detail) SELECT ?, number, ?, ? FROM decision WHERE id = ?",
        (seconds(now), what, text_of(detail), name),
    )


def decision_of(row: Sequence[object]) -> Decision:
    """Return the decision of a row of `DECISION`."""
    _, on, wanted, held, why, until, ripe_at, evidence, address = row
    return Decision(
        address=str(address),
        list=str(on),
        wanted=Wanted(str(wanted)),
        held=Guard(str(held)) if held else None,
        why=str(why),
        until=time_of(until),
        ripe_at=time_of(ripe_at),
        event=event_of(str(evidence)),
    )


def storm_of(row: Sequence[object]) -> Storm:
    """Return the storm of a row of `STORM`."""
    name, since, until, addresses, why = row
    first, last = time_of(since), time_of(until)
    assert first is not None  # noqa: S101 - columns that are NOT NULL
    assert last is not None  # noqa: S101 - likewise
    return Storm(group=str(name), since=first, until=last, addresses=int(str(addresses)), why=str(why))

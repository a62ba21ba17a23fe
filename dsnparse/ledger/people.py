"""What a person does with the ledger: look, let go, drop, clear, take back, forget."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from dsnparse.ledger.decisions import BEGUN, DECISION, Decisions, decision_of, note
from dsnparse.ledger.store import COLUMNS, event_of, seconds, text_of, time_of
from dsnparse.model import Guard, Wanted
from dsnparse.policy.guards import domain_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dsnparse.model import Decision, Event

__all__ = ["Entry", "People", "Selection"]

_HASH_BYTES: Final = 16

# Where the words of a mail about somebody else may name an address.
_WORDS: Final = (
    ("event", "diagnostic"),
    ("event", "evidence"),
    ("decision", "why"),
    ("decision", "evidence"),
    ("journal", "detail"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which decisions or failures are meant; what is not given does not narrow it."""

    addresses: Sequence[str] = ()
    domain: str | None = None
    on: str | None = None  # the list
    organisation: str | None = None  # whose servers refused
    guard: Guard | None = None
    since: datetime | None = None  # decided, or failed, at that time or later

    def where(self, table: str) -> tuple[str, list[object]]:
        """Return a condition on a table that has address and list, with its values."""
        marks = ", ".join("?" * len(self.addresses))
        at = "decided_at" if table == "decision" else "at"
        parts: list[tuple[str, Iterable[object]]] = []
        if self.addresses:
            parts.append((f"{table}.address IN ({marks})", self.addresses))
        if self.domain is not None:
            domain = self.domain.lower()
            parts.append((f"lower(substr({table}.address, -?)) = ?", (len(domain) + 1, f"@{domain}")))
        if self.on is not None:
            parts.append((f"{table}.list = ?", (text_of(self.on),)))
        if self.organisation is not None:
            own = "decision.event" if table == "decision" else "event.id"
            same = f"SELECT 1 FROM event AS refused WHERE refused.id = {own} AND refused.organisation = ?"
            parts.append((f"EXISTS ({same})", (self.organisation.lower(),)))
        if self.guard is not None and table == "decision":
            parts.append(("decision.held = ?", (self.guard.value,)))
        if self.since is not None:
            parts.append((f"{table}.{at} >= ?", (seconds(self.since),)))
        condition = " AND ".join(part for part, _ in parts) or "1"
        return condition, [value for _, values in parts for value in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal."""

    at: datetime | None
    decision: Decision
    what: str  # intended, held, released, dropped, over, or the outcome that an adapter met
    adapter: str | None
    detail: str


class People(Decisions):
    """What a person does."""

    def counts(self) -> dict[str, int]:
        """Return how much is known, by name."""
        states = "SELECT count(*) FROM decision WHERE state = "
        return {
            "mails read": self.number("SELECT count(*) FROM mail"),
            "failures": self.number("SELECT count(*) FROM event"),
            "addresses that failed": self.number("SELECT count(DISTINCT address) FROM event"),
            "decisions done": self.number(f"{states} 'done'"),
            "decisions to be done": self.number(f"{states} 'open' AND held IS NULL"),
            "decisions held": self.number(f"{states} 'open' AND held IS NOT NULL"),
            "bad days": self.number("SELECT count(*) FROM storm"),
            "mails sent": self.number("SELECT count(*) FROM sent"),
            "forgotten addresses": self.number("SELECT count(*) FROM forgotten"),
        }

    def events(self, selection: Selection) -> Iterator[tuple[Event, bool]]:
        """Yield failures, oldest first, and whether each was cleared."""
        condition, values = selection.where("event")
        statement = f"SELECT {', '.join(COLUMNS)}, cleared FROM event WHERE {condition} ORDER BY at, id"
        for row in self.each(statement, values):
            yield event_of(dict(zip(COLUMNS, row, strict=False))), bool(row[-1])

    def decisions(self, selection: Selection) -> Iterator[tuple[Decision, str, datetime | None]]:
        """Yield decisions, oldest first, each with its state and the time at which it was made."""
        condition, values = selection.where("decision")
        for row in self.each(f"{DECISION} WHERE {condition} ORDER BY number", values):
            ((state, at),) = self.rows("SELECT state, decided_at FROM decision WHERE number = ?", (row[0],))
            yield decision_of(row), str(state), time_of(at)

    def journal(self, selection: Selection) -> Iterator[Entry]:
        """Yield the journal, oldest line first."""
        condition, values = selection.where("decision")
        columns = DECISION.replace(" FROM decision ", ", journal.at, journal.what, journal.adapter, journal.detail ")
        statement = f"{columns} FROM journal JOIN decision ON decision.number = journal.decision "
        for row in self.each(f"{statement} WHERE {condition} ORDER BY journal.id", values):
            at, what, adapter, detail = row[9:]
            yield Entry(
                at=time_of(at),
                decision=decision_of(row[:9]),
                what=str(what),
                adapter=None if adapter is None else str(adapter),
                detail=str(detail),
            )

    def release(self, selection: Selection, now: datetime) -> list[Decision]:
        """Let held decisions go: the next run carries them out, whatever the guards say.  Return them."""
        with self.transaction() as connection:
            released = self._held(connection, selection)
            for name, decision in released:
                connection.execute(
                    "UPDATE decision SET held = NULL, released = 1, ripe_at = NULL WHERE id = ?", (name,)
                )
                note(connection, name, "released", decision.why, now)
        return [replace(decision, held=None, ripe_at=None) for _, decision in released]

    def drop(self, selection: Selection, now: datetime) -> list[Decision]:
        """Give held decisions up: what they rest on counts no more.  Return them."""
        with self.transaction() as connection:
            dropped = self._held(connection, selection)
            for name, decision in dropped:
                connection.execute("UPDATE decision SET state = 'dropped' WHERE id = ?", (name,))
                note(connection, name, "dropped", decision.why, now)
                _clear(connection, decision.address, decision.list)
        return [decision for _, decision in dropped]

    def release_storm(self, group: str, now: datetime) -> int:
        """Say that the failures of a storm are true: they count from now on.  Return how many storms bear that name."""
        kind, _, name = group.partition(":")
        column = {"domain": "domain", "organisation": "organisation"}.get(kind)
        if column is None:
            return 0
        with self.transaction() as connection:
            found = connection.execute(
                "UPDATE storm SET released = 1 WHERE name = ? AND NOT released", (group,)
            ).rowcount
            connection.execute(
                "INSERT OR IGNORE INTO pending (address, list) "
                f"SELECT DISTINCT address, list FROM event WHERE {column} = ?",
                (name,),
            )
            for decision in [d for _, d in self._held(connection, Selection(guard=Guard.STORM))]:
                if kind == "organisation" or domain_of(decision.address) == name:
                    connection.execute("UPDATE decision SET held = NULL WHERE id = ?", (decision.id,))
                    note(connection, decision.id, "released", f"{group} is no storm", now)
        return found

    def _held(self, connection: sqlite3.Connection, selection: Selection) -> list[tuple[str, Decision]]:
        condition, values = selection.where("decision")
        where = f"WHERE state = 'open' AND held IS NOT NULL AND {condition} ORDER BY number"
        found = [decision_of(row) for row in connection.execute(f"{DECISION} {where}", values)]
        return [(decision.id, decision) for decision in found]

    def clear(self, selection: Selection, now: datetime) -> list[tuple[str, str]]:
        """Let addresses begin anew: their failures count no more, and what is not done yet is given up.

        What lists were told stays: `undo` takes that back.  Return the addresses, each with its list.
        """
        condition, values = selection.where("event")
        with self.transaction() as connection:
            statement = f"SELECT DISTINCT address, list FROM event WHERE NOT cleared AND {condition}"
            places = [(str(a), str(b)) for a, b in connection.execute(statement, values)]
            for address, on in places:
                _clear(connection, address, on)
                current = self.current(address, on)
                if current is not None and current.decision.held is not None:
                    connection.execute("UPDATE decision SET state = 'dropped' WHERE id = ?", (current.decision.id,))
                    note(connection, current.decision.id, "dropped", "cleared", now)
                else:
                    self.give_up(address, on, "cleared", now)
        return places

    def undo(self, selection: Selection, now: datetime) -> list[Decision]:
        """Take back what was done: write a restore in its place, for the adapters that did it.  Return the restores.

        The failures that led to it count no more.
        """
        condition, values = selection.where("decision")
        with self.transaction() as connection:
            where = f"WHERE state IN ('open', 'done') AND held IS NULL AND wanted != 'restore' AND {condition}"
            taken = [decision_of(row) for row in connection.execute(f"{DECISION} {where} ORDER BY number", values)]
            restores = [
                replace(old, wanted=Wanted.RESTORE, why="taken back", until=None, ripe_at=None, held=None)
                for old in taken
            ]
            for restore in restores:
                _clear(connection, restore.address, restore.list)
                self.decide(restore, now)
        return restores

    def owing(self, restores: Iterable[Decision]) -> dict[str, int]:
        """Return which adapters did what these restores take back and were not told of it, and how often."""
        owed: Counter[str] = Counter()
        for restore in restores:
            owed.update(
                str(name)
                for (name,) in self.rows(
                    "SELECT DISTINCT outbox.adapter FROM decision AS old JOIN outbox ON outbox.decision = old.number "
                    "JOIN decision AS new ON new.id = ? AND new.state = 'open' WHERE old.address = new.address "
                    f"AND old.list = new.list AND old.state = 'over' AND {BEGUN} AND NOT EXISTS (SELECT 1 FROM outbox "
                    "AS told WHERE told.decision = new.number AND told.adapter = outbox.adapter)",
                    (restore.id,),
                )
            )
        return dict(owed)

    def forget(self, addresses: Sequence[str], now: datetime) -> int:
        """Drop everything that is known of addresses; return of how many something was known.

        Of one that is not to be mailed a keyed hash stays, so that it is known again when it comes back.
        """
        known = 0
        with self.transaction() as connection:
            for address in addresses:
                wanted = [
                    str(one)
                    for (one,) in connection.execute(
                        "SELECT wanted FROM decision WHERE address = ? AND state IN ('open', 'done') AND held IS NULL "
                        "AND wanted != 'restore' AND until IS NULL ORDER BY wanted DESC",
                        (address,),
                    )
                ]
                if wanted:
                    connection.execute(
                        "INSERT OR REPLACE INTO forgotten VALUES (?, ?, ?)",
                        (self._hash(address), wanted[0], seconds(now)),
                    )
                known += self._drop_all(connection, address)
        return known

    def _drop_all(self, connection: sqlite3.Connection, address: str) -> bool:
        """Drop every row that names an address, in full or among the words of a mail."""
        own = "SELECT number FROM decision WHERE address = ?"
        found = 0
        for statement in (
            f"DELETE FROM journal WHERE decision IN ({own})",
            f"DELETE FROM outbox WHERE decision IN ({own})",
            "DELETE FROM decision WHERE address = ?",
            "DELETE FROM event WHERE address = ?",
            "DELETE FROM event WHERE lower(final_address) = lower(?)",
            "DELETE FROM sent WHERE address = ?",
            "DELETE FROM subscription WHERE address = ?",
            "DELETE FROM pending WHERE address = ?",
        ):
            found += connection.execute(statement, (address,)).rowcount
        for table, column in _WORDS:
            connection.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, '(forgotten)') WHERE instr({column}, ?)",
                (address, address),
            )
        return bool(found)

    def was_forgotten(self, address: str) -> Wanted | None:
        """Return what was wanted for an address that was dead when it was forgotten."""
        rows = self.rows("SELECT wanted FROM forgotten WHERE hash = ?", (self._hash(address),))
        return Wanted(str(rows[0][0])) if rows else None

    def _hash(self, address: str) -> bytes:
        ((key,),) = self.rows("SELECT value FROM meta WHERE name = 'hash_key'")
        assert isinstance(key, bytes)  # noqa: S101 - as the schema writes it
        return hmac.digest(key, address.lower().encode("utf-8", "backslashreplace"), hashlib.sha256)[:_HASH_BYTES]


def _clear(connection: sqlite3.Connection, address: str, on: str) -> None:
    connection.execute("UPDATE event SET cleared = 1 WHERE address = ? AND list = ?", (address, text_of(on)))
    connection.execute("DELETE FROM pending WHERE address = ? AND list = ?", (address, text_of(on)))

"""The ledger as an SQLite file."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from dsnparse.ledger.base import Known, MailRecord, State
from dsnparse.ledger.opening import clear_errors, lock, open_copy, open_file
from dsnparse.model import BounceType, Decision, Event, Kind, Reason, Wanted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["SqliteLedger"]

_COLUMNS: Final = tuple(field.name for field in fields(Event))
_EVENT: Final = ", ".join(f"event.{name}" for name in _COLUMNS)
_INSERT: Final = (
    f"INSERT INTO event ({', '.join(_COLUMNS)}, mail) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))}) "  # noqa: S608 - the names of our own fields
    "ON CONFLICT (address, original) DO NOTHING"
)
_DECISION: Final = (
    f"SELECT {_EVENT}, decision.wanted, decision.held, decision.why "  # noqa: S608 - the names of our own fields
    "FROM decision JOIN event ON event.id = decision.event "
)
_UNDECIDED: Final = (
    f"SELECT {_EVENT} FROM event WHERE id IN (SELECT min(id) FROM event WHERE bounce_type = 'hard' "  # noqa: S608 - the names of our own fields
    "AND address NOT IN (SELECT address FROM decision) GROUP BY address) ORDER BY id"
)


class SqliteLedger:
    """A ledger in one file; use it as a context manager."""

    def __init__(self, connection: sqlite3.Connection, path: str, descriptor: int | None = None) -> None:
        self._connection = connection
        self._path = path
        self._lock = descriptor

    @classmethod
    def open(cls, path: str) -> Self:
        """Open a ledger for a run, alone; it appears by itself."""
        with clear_errors(path):
            descriptor = lock(path)
            try:
                return cls(open_file(path), path, descriptor)
            except BaseException:
                os.close(descriptor)
                raise

    @classmethod
    def copy(cls, path: str) -> Self:
        """Open a private copy that is gone when it is closed: the same answers, and nothing is changed."""
        with clear_errors(path):
            return cls(open_copy(path), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        if self._lock is not None:
            os.close(self._lock)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with clear_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with clear_errors(self._path):
            return self._connection.execute(statement, values).fetchall()

    def known(self, digest: bytes) -> Known | None:
        """Return what is known of a mail."""
        for state, kind, listed in self._rows("SELECT state, kind, listed_at FROM mail WHERE digest = ?", (digest,)):
            return Known(state=State(str(state)), kind=Kind(str(kind)), listed=listed is not None)
        return None

    def record(self, mails: Sequence[MailRecord], now: datetime) -> list[tuple[bool, ...]]:
        """Write mails and their events; tell for each event whether it is new."""
        with self._transaction() as connection:
            for mail in mails:
                connection.execute(
                    "INSERT OR IGNORE INTO mail (digest, state, kind, source, read_at) VALUES (?, ?, ?, ?, ?)",
                    (mail.digest, mail.state.value, mail.kind.value, _text(mail.source), _seconds(now)),
                )
            return [tuple(_insert(connection, event, mail.digest) for event in mail.events) for mail in mails]

    def mark_listed(self, digests: Iterable[bytes], now: datetime) -> None:
        """Note that a person was told of these mails."""
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE mail SET listed_at = ? WHERE digest = ?", [(_seconds(now), digest) for digest in digests]
            )

    def decision(self, address: str) -> Decision | None:
        """Return the newest decision on an address, held or in force."""
        rows = self._rows(f"{_DECISION} WHERE decision.address = ? ORDER BY decision.id DESC LIMIT 1", (address,))
        return _decision(rows[0]) if rows else None

    def undecided(self) -> Iterator[Event]:
        """Yield the first hard event of each address that has no decision, in the order of recording."""
        yield from map(_event, self._rows(_UNDECIDED))

    def held(self) -> Iterator[Decision]:
        """Yield the decisions that wait for a person, but for addresses on which a later one is in force."""
        waiting = "WHERE decision.held AND decision.address NOT IN (SELECT address FROM decision WHERE NOT held)"
        yield from map(_decision, self._rows(f"{_DECISION} {waiting} ORDER BY decision.id"))

    def in_force(self) -> Iterator[Decision]:
        """Yield the decisions that are to be carried out or were."""
        yield from map(_decision, self._rows(f"{_DECISION} WHERE NOT decision.held ORDER BY decision.id"))

    def intend(self, decisions: Iterable[Decision], now: datetime) -> None:
        """Write decisions before anything is done about them."""
        with self._transaction() as connection:
            for decision in decisions:
                changed = connection.execute(
                    "INSERT INTO decision (key, address, wanted, held, why, event, evidence, decided_at) "
                    "SELECT ?, address, ?, ?, ?, id, ?, ? FROM event WHERE address = ? AND original = ? "
                    "ON CONFLICT (key) DO UPDATE SET held = excluded.held, why = excluded.why, "
                    "decided_at = excluded.decided_at WHERE held > excluded.held",
                    (
                        _key(decision),
                        decision.wanted.value,
                        decision.held,
                        decision.why,
                        json.dumps(asdict(decision.event), default=str),
                        _seconds(now),
                        decision.address,
                        _text(decision.event.original),
                    ),
                ).rowcount
                if changed:
                    connection.execute(
                        "INSERT INTO journal (at, decision, what, detail) "
                        "SELECT ?, id, ?, ? FROM decision WHERE key = ?",
                        (_seconds(now), "held" if decision.held else "intended", decision.why, _key(decision)),
                    )

    def settle(self, adapter: str, outcomes: Iterable[tuple[Decision, str, str]], now: datetime) -> None:
        """Journal what an adapter met; a settled one is journalled once."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO journal (at, decision, what, adapter, detail) SELECT ?, id, ?, ?, ? FROM decision "
                "WHERE key = ? AND NOT EXISTS (SELECT 1 FROM journal WHERE decision = decision.id AND adapter = ? "
                "AND what IN ('done', 'already', 'not_found'))",
                [
                    (_seconds(now), outcome, _text(adapter), _text(detail), _key(decision), _text(adapter))
                    for decision, outcome, detail in outcomes
                ],
            )


def _key(decision: Decision) -> str:
    return f"{decision.wanted.value}:{decision.address}:{_text(decision.event.original)}"


def _insert(connection: sqlite3.Connection, event: Event, digest: bytes) -> bool:
    """Write an event once; a hard one takes the place of one that was not, whichever report came first."""
    values = [_value(getattr(event, name)) for name in _COLUMNS]
    if connection.execute(_INSERT, (*values, digest)).rowcount:
        return True
    if event.bounce_type is not BounceType.HARD:
        return False
    milder = connection.execute(
        "DELETE FROM event WHERE address = ? AND original = ? AND bounce_type IS NOT 'hard'",
        (event.address, _text(event.original)),
    )
    return bool(milder.rowcount) and bool(connection.execute(_INSERT, (*values, digest)).rowcount)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())


def _text(text: str) -> str:
    """Return text that SQLite can hold: a file's name may bear bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _value(value: datetime | str | None) -> int | str | None:
    return _seconds(value) if isinstance(value, datetime) else None if value is None else _text(str(value))


def _event(row: Sequence[object]) -> Event:
    values = dict(zip(_COLUMNS, row, strict=False))
    words = {name: None if value is None else str(value) for name, value in values.items()}
    return Event(
        address=str(values["address"]),
        original=str(values["original"]),
        at=datetime.fromtimestamp(int(str(values["at"])), UTC),
        final_address=words["final_address"],
        bounce_type=BounceType(words["bounce_type"]) if words["bounce_type"] else None,
        reason=Reason(words["reason"]) if words["reason"] else None,
        status=words["status"],
        reply_code=words["reply_code"],
        diagnostic=words["diagnostic"],
        remote_mta=words["remote_mta"],
        reporting_mta=words["reporting_mta"],
        rule=words["rule"],
        evidence=words["evidence"],
        list_id=words["list_id"],
    )


def _decision(row: Sequence[object]) -> Decision:
    event = _event(row)
    wanted, held, why = row[len(_COLUMNS) :]
    return Decision(address=event.address, wanted=Wanted(str(wanted)), held=bool(held), why=str(why), event=event)

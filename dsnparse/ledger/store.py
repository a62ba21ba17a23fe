"""The connection that every part of the ledger shares, and how values become columns and come back."""

from __future__ import annotations

import contextlib
import json
import os
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Self

from dsnparse.ledger.opening import clear_errors, lock, open_copy, open_file
from dsnparse.model import BounceType, Event, Reason, Trust

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["COLUMNS", "Store", "event_of", "seconds", "text_of", "time_of", "values_of"]

COLUMNS: Final = tuple(field.name for field in fields(Event))


class Store:
    """An open ledger; use it as a context manager."""

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
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Make the calls within one transaction: all of them, or none."""
        if self._connection.in_transaction:
            yield self._connection
            return
        with clear_errors(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(Exception):  # SQLite itself rolls back when the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[object, ...]]:
        """Return what a statement finds."""
        with clear_errors(self._path):
            return self._connection.execute(statement, values).fetchall()

    def each(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[object, ...]]:
        """Yield what a statement finds, a row at a time: there may be very many."""
        with clear_errors(self._path):
            yield from self._connection.execute(statement, values)

    def number(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> int:
        """Return the one number that a statement finds; 0 where it finds nothing."""
        found = self.rows(statement, values)
        return int(str(found[0][0])) if found and found[0][0] is not None else 0


def seconds(time: datetime) -> int:
    """Return a time as it stands in the ledger."""
    return int(time.timestamp())


def time_of(value: object) -> datetime | None:
    """Return a time that stands in the ledger."""
    return None if value is None else datetime.fromtimestamp(int(str(value)), UTC)


def text_of(text: str) -> str:
    """Return text that SQLite can hold: a file's name may bear bytes that are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def values_of(event: Event) -> list[int | str | None]:
    """Return the columns of an event."""
    return [_value(getattr(event, name)) for name in COLUMNS]


def _value(value: datetime | str | None) -> int | str | None:
    return seconds(value) if isinstance(value, datetime) else None if value is None else text_of(str(value))


def event_of(values: Mapping[str, object] | str) -> Event:
    """Return an event from its columns, or from the JSON that a decision bears as its evidence."""
    known: Mapping[str, object] = json.loads(values) if isinstance(values, str) else values
    words = {name: None if (value := known.get(name)) is None else str(value) for name in COLUMNS}
    at = words["at"] or "0"
    return Event(
        address=words["address"] or "",
        list=words["list"] or "",
        original=words["original"] or "",
        at=datetime.fromtimestamp(int(at), UTC) if at.lstrip("-").isdigit() else datetime.fromisoformat(at),
        trust=Trust(words["trust"] or Trust.NONE),
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
        feedback_type=words["feedback_type"],
    )

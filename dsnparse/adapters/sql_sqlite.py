"""A database in an SQLite file, for dsnparse.adapters.sql."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from dsnparse.adapters.base import Outcome
from dsnparse.adapters.sql import SqlProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.adapters.sql import Values

__all__ = ["SqliteFile"]

_STEPS: Final = 10_000  # of SQLite's machine between two looks at the clock: about a millisecond
# What passes by itself; all else a person must mend.  Primary result codes of sqlite.org/rescode.html.
_PASSES: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_WAITED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT})
_PRIMARY: Final = 0xFF  # the low octet of an extended result code


class SqliteFile:
    """A file, which must be there: none is made."""

    def __init__(self, path: str, timeout: float) -> None:
        """Take the file.

        timeout: seconds that a statement may wait for a lock, and may run.
        """
        self._path = os.path.realpath(path)
        self._timeout = timeout

    @property
    def name(self) -> str:
        """The file."""
        return self._path

    @contextlib.contextmanager
    def connect(self) -> Iterator[_Connection]:
        """Open the file."""
        with _told(self._path):
            opened = sqlite3.connect(
                f"file:{quote(self._path)}?mode=rw", uri=True, timeout=self._timeout, isolation_level=None
            )
        with contextlib.closing(opened):
            with _told(self._path):
                opened.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()  # reads: whether it is a database
            yield _Connection(opened, self._path, self._timeout)


class _Connection:
    def __init__(self, opened: sqlite3.Connection, path: str, timeout: float) -> None:
        self._opened = opened
        self._path = path
        self._timeout = timeout

    def change(self, statement: str, values: Values, most: int) -> int:
        """See `Connection`."""
        with self._bounded():
            self._opened.execute("BEGIN IMMEDIATE")
            try:
                before = self._opened.total_changes  # a rowcount says -1 behind WITH
                self._opened.execute(statement, values).fetchall()
                changed = self._opened.total_changes - before
                if changed > most:
                    detail = f"would have changed {changed} rows, and {most} are allowed: nothing was changed"
                    raise SqlProblem(Outcome.REFUSED, detail)
                self._opened.execute("COMMIT")
            finally:
                if self._opened.in_transaction:
                    self._opened.execute("ROLLBACK")
        return changed

    def finds(self, statement: str, values: Values) -> bool:
        """See `Connection`."""
        with self._bounded():
            self._opened.execute("PRAGMA query_only = ON")
            try:
                return self._opened.execute(statement, values).fetchone() is not None
            finally:
                self._opened.execute("PRAGMA query_only = OFF")

    @contextlib.contextmanager
    def _bounded(self) -> Iterator[None]:
        """End what takes too long, and tell of errors."""
        until = time.monotonic() + 2 * self._timeout  # the wait for a lock is bounded by itself
        self._opened.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        with _told(self._path):
            yield


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
        outcome = Outcome.RETRY if code in _PASSES else Outcome.REFUSED
        raise SqlProblem(outcome, f"{path}: {error}", silent=code in _WAITED) from None
    except sqlite3.Warning as error:  # two statements in one, up to Python 3.11
        raise SqlProblem(Outcome.REFUSED, f"{path}: {error}") from None

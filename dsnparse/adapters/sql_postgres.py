"""A PostgreSQL database, for dsnparse.adapters.sql; needs psycopg 3 (the extra `postgres`)."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

from dsnparse.adapters.base import Outcome
from dsnparse.adapters.sql import SqlProblem, placed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.adapters.sql import Values

__all__ = ["Postgres"]

_MISSING: Final = "psycopg is not installed: pip install 'dsnparse[postgres]'"
# Classes of SQLSTATE (PostgreSQL's appendix A) that pass by themselves: connection, transaction rollback, resources,
# lock not available, operator intervention such as a statement's timeout or a shutdown, system error.
_PASSES: Final = ("08", "40", "53", "55P03", "57", "58")
_WAITED: Final = ("55P03", "57014")
# libpq gives no SQLSTATE for a refused connection.  The server's own word begins so in every language; what follows
# passes by itself only here.
_FATAL: Final = "FATAL:"
_SOON: Final = re.compile(r"starting up|shutting down|recovery|too many|remaining connection slots")


class Postgres:
    """A database by a connection string: `host=/run/postgresql dbname=lists user=dsnparse`."""

    def __init__(self, where: str, password: str | None, timeout: float) -> None:
        """Take it.

        timeout: seconds for connecting, for a lock, and for a statement.
        """
        self._where = where
        self._password = password
        self._timeout = timeout

    @property
    def name(self) -> str:
        """The connection string, in which no password is allowed."""
        return self._where

    @contextlib.contextmanager
    def connect(self) -> Iterator[_Connection]:
        """Connect."""
        try:
            import psycopg  # noqa: PLC0415 - of an extra
        except ImportError:
            raise SqlProblem(Outcome.REFUSED, _MISSING) from None
        keys: dict[str, Any] = {"connect_timeout": max(2, round(self._timeout)), "application_name": "dsnparse"}
        if self._password is not None:
            keys["password"] = self._password
        try:
            opened = psycopg.connect(self._where, autocommit=True, **keys)
        except psycopg.ProgrammingError:
            raise SqlProblem(Outcome.REFUSED, "the connection string is none that can be read") from None
        except psycopg.Error as error:
            raise _not_connected(str(error)) from None
        try:
            yield _Connection(opened, self._timeout)
        finally:
            opened.close()


class _Connection:
    def __init__(self, opened: Any, timeout: float) -> None:  # noqa: ANN401 - psycopg may not be there
        self._opened = opened
        self._timeout = timeout

    def change(self, statement: str, values: Values, most: int) -> int:
        """See `Connection`."""
        with self._transaction():
            changed: int = self._opened.execute(_named(statement), values).rowcount
            if changed < 0:  # as after CALL
                raise SqlProblem(Outcome.REFUSED, "the statement does not say how many rows it changed")
            if changed > most:
                detail = f"would have changed {changed} rows, and {most} are allowed: nothing was changed"
                raise SqlProblem(Outcome.REFUSED, detail)
        return changed

    def finds(self, statement: str, values: Values) -> bool:
        """See `Connection`."""
        with self._transaction():
            self._opened.execute("SET TRANSACTION READ ONLY")
            return self._opened.execute(_named(statement), values).fetchone() is not None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Bound the waits in the server, and here where the server says nothing any more."""
        import psycopg  # noqa: PLC0415 - of an extra

        limit = str(round(self._timeout * 1000))
        try:
            with self._watched(), self._opened.transaction():
                for name in ("statement_timeout", "lock_timeout"):
                    self._opened.execute("SELECT set_config(%s, %s, true)", (name, limit))
                yield
        except psycopg.Error as error:
            raise _problem(error.sqlstate, error.diag.message_primary or "the connection was lost") from None

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """End a wait for a server that is silent: psycopg has no such limit of its own."""
        timer = threading.Timer(3 * self._timeout, _shut, (self._opened.fileno(),))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _shut(descriptor: int) -> None:
    with contextlib.suppress(OSError), socket.socket(fileno=socket.dup(descriptor)) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _named(statement: str) -> str:
    """Return a statement as psycopg takes it: %(address)s, and %% for a per cent sign."""
    return placed(statement, "%(", ")s", "%%")


def _problem(state: str | None, words: str) -> SqlProblem:
    passes = state is None or state.startswith(_PASSES)
    outcome = Outcome.RETRY if passes else Outcome.REFUSED
    return SqlProblem(outcome, f"PostgreSQL: {words}", silent=state is None or state in _WAITED)


def _not_connected(words: str) -> SqlProblem:
    """Return the problem of a connection that was not made; libpq's own words name hosts and users, and stay here."""
    if _FATAL in words and not _SOON.search(words):
        return SqlProblem(Outcome.REFUSED, "PostgreSQL: does not let us in: user, password, database, pg_hba.conf")
    return SqlProblem(Outcome.RETRY, "PostgreSQL: cannot be reached", silent=True)

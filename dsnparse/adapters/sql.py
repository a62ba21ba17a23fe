"""Statements of the owner's over SQLite or PostgreSQL, one transaction for each decision.

What a mail says goes into a statement as a parameter only.  A statement that would change more rows than `rows` allows
is taken back as a whole, so that a forgotten condition empties no table.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome
from dsnparse.adapters.document import encodable
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Connection", "Database", "Sql", "SqlProblem", "Values", "make", "placed"]

Values = dict[str, str | None]

_TIMEOUT: Final = timedelta(seconds=10)
_ROWS: Final = 10  # that one decision may change: a few lists, and their settings
_SILENCES: Final = 3  # so many decisions in a row that wait in vain, and a batch ends
_WANTED: Final = (Wanted.DISABLE, Wanted.REMOVE, Wanted.RESTORE)
_PARAMETERS: Final = frozenset(
    {"address", "list", "wanted", "reason", "status", "why", "id", "original", "at", "until"}
)
# What stands in quotes and comments is no parameter, nor is a cast of PostgreSQL's.
_TOKEN: Final = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | \$(\w*)\$.*?\$\1\$ | :: | :([A-Za-z_]\w*) | %""",
    re.VERBOSE | re.DOTALL,
)
_NO_PASSWORD: Final = re.compile(r"password|://[^/@]*:[^/@]*@", re.IGNORECASE)


class SqlProblem(Exception):  # noqa: N818 - what the database met, as an answer
    """A statement was not carried out, and nothing is left of it."""

    def __init__(self, outcome: Outcome, detail: str, *, silent: bool = False) -> None:
        super().__init__(detail)
        words = "".join(letter if letter.isprintable() else " " for letter in detail)[:300]
        self.answer = Answer(outcome=outcome, detail=words)
        self.silent = silent  # it waited, and nothing came


class Connection(Protocol):
    """An open connection; every call raises SqlProblem."""

    def change(self, statement: str, values: Values, most: int) -> int:
        """Carry out a statement in a transaction, and return how many rows it changed.

        With more than `most` it is taken back.
        """

    def finds(self, statement: str, values: Values) -> bool:
        """Tell whether a statement gives a row."""


class Database(Protocol):
    """A database that can be connected to."""

    @property
    def name(self) -> str:
        """Which, without a secret."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Connect; raises SqlProblem."""


def placed(statement: str, before: str, after: str, percent: str = "%") -> str:
    """Return a statement with its parameters as `before`NAME`after`, and its per cent signs as `percent`."""

    def one(found: re.Match[str]) -> str:
        return f"{before}{found[2]}{after}" if found[2] else found[0].replace("%", percent)

    return _TOKEN.sub(one, statement)


def make(table: Table) -> Sql:
    """Make the adapter from `sqlite` or `postgres`, the statements, `rows`, `rowcount_means_member`, `timeout`."""
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    statements = {Wanted(word): _statement(table, word) for word in _WANTED if table.has(word)}
    if not statements:
        error = table.bad("remove", "is missing: a statement, or another for disable or restore")
        raise error
    return Sql(
        _database(table, timeout),
        statements,
        find=_statement(table, "find") if table.has("find") else None,
        rowcount_means_member=table.flag("rowcount_means_member", default=False),
        rows=table.integer("rows", _ROWS, least=1),
    )


class Sql:
    """The adapter for one database."""

    def __init__(
        self,
        database: Database,
        statements: Mapping[Wanted, str],
        *,
        find: str | None = None,
        rowcount_means_member: bool = False,
        rows: int = _ROWS,
    ) -> None:
        """Take the statements.

        find: gives a row when the address is there at all; rowcount_means_member: a statement that changes no row has
        met a stranger; rows: that one decision may change.
        """
        self._database = database
        self._statements = dict(statements)
        self._find = find
        self._rowcount_means_member = rowcount_means_member
        self._rows = rows

    @property
    def name(self) -> str:
        """The kind and the database."""
        return f"sql:{self._database.name}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Carry each out in a transaction of its own; after three that waited in vain the rest is for later."""
        answers = [self._without_a_call(decision) for decision in decisions]
        left = [place for place, answer in enumerate(answers) if answer is None]
        last: Answer | None = None
        while left and last is None:
            try:
                with self._database.connect() as connection:
                    last = self._in_turn(connection, decisions, answers, left)
            except SqlProblem as problem:
                last = problem.answer
        return [answer or last or UNSAFE for answer in answers]

    def check(self) -> Answer:
        """Connect, and look for an address that nobody has where there is a statement for that."""
        values: Values = dict.fromkeys(_PARAMETERS) | {"address": "dsnparse-check@example.invalid"}
        try:
            with self._database.connect() as connection:
                if self._find:
                    connection.finds(self._find, values)
        except SqlProblem as problem:
            return problem.answer
        return Answer(outcome=Outcome.DONE)

    def _in_turn(
        self, connection: Connection, decisions: Sequence[Decision], answers: list[Answer | None], left: list[int]
    ) -> Answer | None:
        """Answer those that are left, and return why the rest is not."""
        silences = 0
        while left:
            try:
                answers[left[0]] = self._one(connection, decisions[left[0]])
                silences = 0
            except SqlProblem as problem:
                answers[left[0]] = problem.answer
                silences = silences + 1 if problem.silent else 0
                if silences >= _SILENCES:
                    return problem.answer
            del left[0]
        return None

    def _without_a_call(self, decision: Decision) -> Answer | None:
        if checked(decision.address) != decision.address:
            return UNSAFE
        if decision.wanted not in self._statements:
            return Answer(outcome=Outcome.BAD_REQUEST, detail=f"the settings have no statement for {decision.wanted}")
        return None

    def _one(self, connection: Connection, decision: Decision) -> Answer:
        values = _values(decision)
        if connection.change(self._statements[decision.wanted], values, self._rows):
            return Answer(outcome=Outcome.DONE)
        if self._find is not None:
            found = connection.finds(self._find, values)
            return Answer(outcome=Outcome.ALREADY if found else Outcome.NOT_FOUND)
        if self._rowcount_means_member:
            return Answer(outcome=Outcome.NOT_FOUND)
        return Answer(outcome=Outcome.ALREADY, detail="no row was changed")


def _statement(table: Table, key: str) -> str:
    statement = table.text(key)
    names = {found[2] for found in _TOKEN.finditer(statement) if found[2]}
    if unknown := names - _PARAMETERS:
        error = table.bad(key, f":{min(unknown)} is none of :{', :'.join(sorted(_PARAMETERS))}")
        raise error
    if "address" not in names:
        error = table.bad(key, "must name :address, or it would be about everybody")
        raise error
    return statement


def _database(table: Table, timeout: float) -> Database:
    if table.has("sqlite") is table.has("postgres"):
        error = table.bad("sqlite", "either this, a file, or postgres, a connection string, must be there")
        raise error
    if table.has("sqlite"):
        from dsnparse.adapters.sql_sqlite import SqliteFile  # noqa: PLC0415 - sqlite3 is loaded where it is used

        return SqliteFile(table.path("sqlite"), timeout)
    from dsnparse.adapters.sql_postgres import Postgres  # noqa: PLC0415 - likewise psycopg

    where = table.text("postgres")
    if _NO_PASSWORD.search(where):
        error = table.bad("postgres", "must not hold a password: name its file with password_file")
        raise error
    return Postgres(where, table.secret("password"), timeout)


def _values(decision: Decision) -> Values:
    event = decision.event
    words = {
        "address": decision.address,
        "list": decision.list,
        "wanted": decision.wanted,
        "reason": event.reason or event.feedback_type,
        "status": event.status,
        "why": decision.why,
        "id": decision.id,
        "original": event.original,
        "at": event.at.isoformat(),
        "until": None if decision.until is None else decision.until.isoformat(),
    }
    # No database takes a null character in text.
    return {name: None if word is None else (encodable(word) or "").replace("\0", " ") for name, word in words.items()}

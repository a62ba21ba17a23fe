from __future__ import annotations

import contextlib
import sqlite3
import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.sql import Sql, placed
from dsnparse.adapters.sql_postgres import Postgres
from dsnparse.adapters.sql_sqlite import SqliteFile
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault, decision, removal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter

STATEMENTS = {
    Wanted.DISABLE: "UPDATE members SET off = :reason, until = :until WHERE email = :address AND off IS NULL",
    Wanted.REMOVE: "UPDATE members SET off = 'removed' WHERE email = :address AND off IS NOT 'removed'",
    Wanted.RESTORE: "UPDATE members SET off = NULL WHERE email = :address AND off IS NOT NULL",
}
FIND = "SELECT 1 FROM members WHERE email = :address"


def filled(path: Path) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE members (email TEXT, off TEXT, until TEXT, list TEXT)")
        database.executemany("INSERT INTO members (email) VALUES (?)", [(ALICE,), (BOB,)])
        database.execute("CREATE TABLE effects (email TEXT)")
        database.execute(
            "CREATE TRIGGER noted AFTER UPDATE ON members BEGIN INSERT INTO effects VALUES (NEW.email); END"
        )
        database.commit()
    return path


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def sql(path: Path, statements: Mapping[Wanted, str] = STATEMENTS, *, find: str | None = FIND, most: int = 10) -> Sql:
    return Sql(SqliteFile(str(path), 0.3), statements, find=find, rows=most)


class TestContract(AdapterContract):
    """The contract, with a file of SQLite."""

    outcomes: ClassVar = {
        **AdapterContract.outcomes,
        Fault.GARBAGE: {Outcome.REFUSED},  # no database
        Fault.AWAY: {Outcome.REFUSED},  # no file, and none is made
    }
    without: ClassVar = {
        Fault.WRONG_SECRET: "a file has no secret",
        Fault.SERVER_ERROR: "a file has no server",
        Fault.DIES: "each decision is one transaction",
        "test_check_meets_a_fault": "a lock does not stop a look; the other faults are tried below",
    }

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Iterator[Adapter]:
        self.path = filled(tmp_path / "lists.sqlite3")
        self.lock = sqlite3.connect(self.path, isolation_level=None)
        with contextlib.closing(self.lock):
            yield sql(self.path)

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {str(row[0]) for row in rows(self.path, "SELECT email FROM members WHERE off IS NOT NULL")}

    def effects(self, adapter: Adapter) -> Sequence[str]:
        del adapter
        return [str(row[0]) for row in rows(self.path, "SELECT email FROM effects")]

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        del adapter
        aside = self.path.with_suffix(".aside")
        if fault is Fault.TIMEOUT:
            self.lock.execute("BEGIN EXCLUSIVE")
            return
        self.path.rename(aside)
        if fault is Fault.GARBAGE:
            self.path.write_bytes(b"\x1b[2J no database" * 100)

    def mend(self, adapter: Adapter) -> None:
        del adapter
        aside = self.path.with_suffix(".aside")
        if self.lock.in_transaction:
            self.lock.execute("ROLLBACK")
        if aside.exists():
            aside.rename(self.path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "lists.sqlite3")


def told(adapter: Adapter, wanted: Wanted = Wanted.REMOVE, address: str = ALICE) -> Answer:
    (answer,) = adapter.apply([decision(wanted, address, "news")])
    return answer


def test_every_parameter_arrives_as_it_is(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE seen (a, b, c, d, e, f, g, h, i, j)")
    names = ":address, :list, :wanted, :reason, :status, :why, :id, :original, :at, :until"
    adapter = sql(path, {Wanted.DISABLE: f"INSERT INTO seen VALUES ({names})"})  # noqa: S608 - of the test
    hostile = "'); DROP TABLE members; --\0\udcff"
    once = decision(Wanted.DISABLE, "o'hara@example.org", "news", original=hostile)
    (answer,) = adapter.apply([once])
    assert answer.outcome is Outcome.DONE
    assert rows(path, "SELECT * FROM seen") == [
        (
            "o'hara@example.org",
            "news",
            "disable",
            "user_unknown",
            "5.1.1",
            once.why,
            once.id,
            "'); DROP TABLE members; -- ?",
            "2026-01-02T03:04:05+00:00",
            "2026-02-01T03:04:05+00:00",
        )
    ]


def test_a_statement_without_its_condition_empties_no_table(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executemany("INSERT INTO members (email) VALUES (?)", [(f"m{n}@example.org",) for n in range(20)])
        database.commit()
    adapter = sql(path, {Wanted.REMOVE: "DELETE FROM members WHERE email = :address OR 1"})
    answer = told(adapter)
    assert answer.outcome is Outcome.REFUSED
    assert "22 rows, and 10 are allowed" in answer.detail
    assert rows(path, "SELECT count(*) FROM members") == [(22,)]


@pytest.mark.parametrize(
    ("find", "rowcount_means_member", "outcome"),
    [
        (FIND, False, Outcome.NOT_FOUND),
        (FIND, True, Outcome.NOT_FOUND),
        (None, True, Outcome.NOT_FOUND),
        (None, False, Outcome.ALREADY),
        ("SELECT 1 WHERE :address IS NOT NULL", True, Outcome.ALREADY),
    ],
)
def test_who_is_a_stranger(path: Path, find: str | None, outcome: Outcome, *, rowcount_means_member: bool) -> None:
    adapter = Sql(SqliteFile(str(path), 1), STATEMENTS, find=find, rowcount_means_member=rowcount_means_member)
    assert told(adapter, address="stranger@example.net").outcome is outcome


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FORM members WHERE email = :address",
        "DELETE FROM nothing WHERE email = :address",
        "DELETE FROM members WHERE email = :address; DELETE FROM members",
        "DELETE FROM members WHERE email = :address AND list = ?",
        "INSERT INTO members (email) SELECT RAISE(ABORT, :address)",
    ],
)
def test_a_statement_that_is_none_is_refused_and_changes_nothing(path: Path, statement: str) -> None:
    answer = told(sql(path, {Wanted.REMOVE: statement}))
    assert answer.outcome is Outcome.REFUSED
    assert answer.detail.isprintable()
    assert rows(path, "SELECT count(*) FROM members") == [(2,)]


def test_with_and_returning_are_counted(path: Path) -> None:
    statement = "WITH one AS (SELECT :address AS a) DELETE FROM members WHERE email IN (SELECT a FROM one) RETURNING 1"
    assert told(sql(path, {Wanted.REMOVE: statement})).outcome is Outcome.DONE
    assert rows(path, "SELECT email FROM members") == [(BOB,)]


def test_what_looks_changes_nothing(path: Path) -> None:
    adapter = sql(path, find="DELETE FROM members WHERE email <> :address RETURNING 1")
    assert told(adapter, address="stranger@example.net").outcome is Outcome.REFUSED
    assert adapter.check().outcome is Outcome.REFUSED
    assert rows(path, "SELECT count(*) FROM members") == [(2,)]


def test_a_statement_without_end_is_ended(path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT :address, count(*) FROM n"
    began = time.monotonic()
    assert told(sql(path, {Wanted.REMOVE: endless})).outcome is Outcome.RETRY
    assert time.monotonic() - began < 3


def test_three_that_wait_in_vain_end_a_batch(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        adapter = Sql(SqliteFile(str(path), 0.1), STATEMENTS)
        began = time.monotonic()
        answers = adapter.apply([removal(f"a{number}@example.org") for number in range(100)])
        assert time.monotonic() - began < 3
    assert {answer.outcome for answer in answers} == {Outcome.RETRY}


def test_a_file_that_may_be_read_only_is_refused(path: Path, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TRIGGER no BEFORE DELETE ON members BEGIN SELECT RAISE(ABORT, 'never'); END")
    answer = told(sql(path, {Wanted.REMOVE: "DELETE FROM members WHERE email = :address"}))
    assert (answer.outcome, answer.detail) == (Outcome.REFUSED, f"{path}: never")
    missing = tmp_path / "missing.sqlite3"
    assert sql(missing).check().outcome is Outcome.REFUSED
    assert not missing.exists()


def test_a_file_whose_name_has_signs_of_a_url(tmp_path: Path) -> None:
    path = filled(tmp_path / "a?b#c%41.sqlite3")
    assert told(sql(path)).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("a = :address", "a = %(address)s"),
        ("a = :address::text", "a = %(address)s::text"),
        ("a LIKE '%:address' AND b = :id", "a LIKE '%%:address' AND b = %(id)s"),
        ("a % 2 = 0", "a %% 2 = 0"),
        ("'it''s :id'", "'it''s :id'"),
        ('":id" = :id', '":id" = %(id)s'),
        ("-- :id\n:id", "-- :id\n%(id)s"),
        ("/* :id % */ :id", "/* :id %% */ %(id)s"),
        ("$$ :id $$ :id", "$$ :id $$ %(id)s"),
        ("$x$ :id $$ $x$ :id", "$x$ :id $$ $x$ %(id)s"),
        ("a[1:2]", "a[1:2]"),
    ],
)
def test_parameters_are_found_where_they_are_some(statement: str, expected: str) -> None:
    assert placed(statement, "%(", ")s", "%%") == expected


def test_without_psycopg_postgresql_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    adapter = Sql(Postgres("dbname=lists", None, 1), STATEMENTS)
    assert told(adapter).outcome is Outcome.REFUSED
    assert adapter.check().detail == "psycopg is not installed: pip install 'dsnparse[postgres]'"


REMOVE = "DELETE FROM members WHERE email = :address"


def test_settings(tmp_path: Path) -> None:
    values = {"type": "sql", "remove": REMOVE}
    assert make(Table({**values, "sqlite": "a"}, "x", tmp_path)).name == f"sql:{tmp_path}/a"
    (tmp_path / "password").write_text("a secret of the owner's\n")
    given = {**values, "postgres": "host=/run/postgresql dbname=lists", "password_file": "password", "find": REMOVE}
    adapter = make(Table(given, "x", tmp_path))
    assert adapter.name == "sql:host=/run/postgresql dbname=lists"
    assert "secret" not in repr(adapter)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"remove": REMOVE}, "sqlite"),
        ({"remove": REMOVE, "sqlite": "a", "postgres": "dbname=a"}, "sqlite"),
        ({"remove": REMOVE, "postgres": "dbname=a password=b"}, "postgres"),
        ({"remove": REMOVE, "postgres": "postgresql://user:secret@db.example.org/a"}, "postgres"),
        ({"sqlite": "a"}, "remove"),
        ({"sqlite": "a", "find": REMOVE}, "remove"),
        ({"sqlite": "a", "remove": "DELETE FROM members"}, "remove"),
        ({"sqlite": "a", "remove": "DELETE FROM members -- :address"}, "remove"),
        ({"sqlite": "a", "remove": "DELETE FROM members WHERE email = :adress"}, "remove"),
        ({"sqlite": "a", "remove": REMOVE, "find": "SELECT 1"}, "find"),
        ({"sqlite": "a", "remove": REMOVE, "rows": 0}, "rows"),
        ({"sqlite": "a", "remove": REMOVE, "timeout": "0s"}, "timeout"),
        ({"sqlite": "a", "remove": REMOVE, "password": "x"}, "password"),
    ],
)
def test_bad_settings_name_the_key_and_no_secret(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: ") as error:
        make(Table({"type": "sql", **values}, "adapter[0]"))
    assert "secret@" not in str(error.value)


def test_a_disable_keeps_its_end(path: Path) -> None:
    told(sql(path), Wanted.DISABLE)
    expected = [("user_unknown", "2026-02-01T03:04:05+00:00")]
    assert rows(path, "SELECT off, until FROM members WHERE off IS NOT NULL") == expected
    (answer,) = sql(path).apply([replace(decision(Wanted.DISABLE, BOB), until=None)])
    assert answer.outcome is Outcome.DONE
    assert rows(path, f"SELECT until FROM members WHERE email = '{BOB}'") == [(None,)]  # noqa: S608 - of the test

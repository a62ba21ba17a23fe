from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.adapters.sql import SqlProblem
from dsnparse.adapters.sql_postgres import Postgres
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault, decision, removal
from tests.e2e.postgres.server import PASSWORD, Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter

pytestmark = pytest.mark.e2e
STATEMENTS = {
    "disable": "UPDATE members SET off = :reason, until = :until WHERE email = :address AND off IS NULL",
    "remove": "UPDATE members SET off = 'removed' WHERE email = :address::text AND off IS DISTINCT FROM 'removed'",
    "restore": "UPDATE members SET off = NULL WHERE email = :address AND off IS NOT NULL -- not '%' :id",
    "find": "SELECT 1 FROM members WHERE email = :address",
}


@pytest.fixture(scope="module")
def made() -> Iterator[Cluster]:
    yield from cluster()


def adapter_for(made: Cluster, folder: Path, **changes: object) -> Adapter:
    (folder / "password").write_text(PASSWORD)
    values = {"type": "sql", "postgres": made.where, "password_file": "password", "timeout": "1s"}
    return make(Table({key: value for key, value in {**values, **STATEMENTS, **changes}.items() if value}, "", folder))


class TestContract(AdapterContract):
    """The contract."""

    secrets = (PASSWORD,)
    patience = 5.0
    without: ClassVar = {
        Fault.GARBAGE: "what is no PostgreSQL is no connection",
        Fault.DIES: "each decision is one transaction",
    }

    @pytest.fixture
    def adapter(self, made: Cluster, tmp_path: Path) -> Iterator[Adapter]:
        self.cluster = made
        made.reset(ALICE, BOB)
        with ExitStack() as self.lock:
            yield adapter_for(made, tmp_path)

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {row[0] for row in self.cluster.ask("SELECT email FROM members WHERE off IS NOT NULL")}

    def effects(self, adapter: Adapter) -> Sequence[str]:
        del adapter
        return [row[0] for row in self.cluster.ask("SELECT email FROM effects ORDER BY id")]

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        del adapter
        if fault is Fault.WRONG_SECRET:
            self.cluster.ask("ALTER ROLE dsnparse PASSWORD 'another since yesterday'")
        elif fault is Fault.SERVER_ERROR:
            self.cluster.ask("ALTER DATABASE lists CONNECTION LIMIT 0")
        elif fault is Fault.TIMEOUT:
            owner = self.lock.enter_context(self.cluster.owner())
            self.lock.enter_context(owner.transaction())
            owner.execute("LOCK TABLE members IN ACCESS EXCLUSIVE MODE")
        else:
            self.cluster.stop()

    def mend(self, adapter: Adapter) -> None:
        del adapter
        self.lock.close()
        self.cluster.up()
        self.cluster.ask(f"ALTER ROLE dsnparse PASSWORD '{PASSWORD}'")
        self.cluster.ask("ALTER DATABASE lists CONNECTION LIMIT -1")


@pytest.fixture
def lists(made: Cluster) -> Cluster:
    made.reset(ALICE, BOB)
    return made


def test_a_time_is_a_time_and_hostile_words_are_words(lists: Cluster, tmp_path: Path) -> None:
    hostile = "'); DROP TABLE members; --\0\udcff%s"
    changes = {"disable": "UPDATE members SET off = :original, until = :until WHERE email = :address"}
    (answer,) = adapter_for(lists, tmp_path, **changes).apply([decision(Wanted.DISABLE, ALICE, original=hostile)])
    assert answer.outcome is Outcome.DONE
    rows = lists.ask("SELECT off, until::text FROM members WHERE until = '2026-02-01T03:04:05Z'")
    assert [row[0] for row in rows] == ["'); DROP TABLE members; -- ?%s"]


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        ("DELETE FORM members WHERE email = :address", "syntax error"),
        ("DELETE FROM nothing WHERE email = :address", "does not exist"),
        ("DELETE FROM members WHERE email = :address; DELETE FROM members", "multiple commands"),
        ("DELETE FROM members WHERE email = :address OR true", "would have changed 2 rows"),
        ("TRUNCATE pg_catalog.pg_class -- :address\n, x:address", ""),
        ("DROP TABLE members -- \n; SELECT :address", ""),
        ("UPDATE members SET email = NULL WHERE email = :address", "null value"),
        ("INSERT INTO members (email) VALUES (:address)", "duplicate key"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_and_changes_nothing(
    lists: Cluster, tmp_path: Path, statement: str, detail: str
) -> None:
    (answer,) = adapter_for(lists, tmp_path, remove=statement, rows=1).apply([removal(ALICE)])
    assert answer.outcome is Outcome.REFUSED
    assert detail in answer.detail
    assert lists.ask("SELECT count(*) FROM members") == [(2,)]


def test_what_looks_changes_nothing(lists: Cluster, tmp_path: Path) -> None:
    find = "DELETE FROM members WHERE email <> :address RETURNING 1"
    adapter = adapter_for(lists, tmp_path, find=find)
    assert adapter.check().outcome is Outcome.REFUSED
    assert lists.ask("SELECT count(*) FROM members") == [(2,)]


def test_a_statement_without_end_is_ended(lists: Cluster, tmp_path: Path) -> None:
    (answer,) = adapter_for(lists, tmp_path, remove="SELECT :address, pg_sleep(60)").apply([removal(ALICE)])
    assert answer.outcome is Outcome.RETRY


def test_a_lock_on_one_row_stops_only_its_decision(lists: Cluster, tmp_path: Path) -> None:
    adapter = adapter_for(lists, tmp_path)
    with lists.owner() as owner, owner.transaction():
        owner.execute("SELECT 1 FROM members WHERE email = %s FOR UPDATE", (ALICE,))
        answers = adapter.apply([removal(ALICE), removal(BOB)])
    assert [answer.outcome for answer in answers] == [Outcome.RETRY, Outcome.DONE]


def test_a_server_that_falls_silent_is_left(lists: Cluster) -> None:
    began = time.monotonic()
    with Postgres(lists.where, PASSWORD, 0.3).connect() as connection:
        (row,) = lists.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'dsnparse'")
        os.kill(row[0], signal.SIGSTOP)
        try:
            with pytest.raises(SqlProblem) as problem:
                connection.change("DELETE FROM members WHERE email = :address", {"address": ALICE}, 1)
        finally:
            os.kill(row[0], signal.SIGCONT)
    assert problem.value.answer.outcome is Outcome.RETRY
    assert time.monotonic() - began < 5


def test_a_connection_that_is_cut_is_for_later_and_the_next_one_works(lists: Cluster, tmp_path: Path) -> None:
    adapter = adapter_for(
        lists, tmp_path, remove="SELECT pg_terminate_backend(pg_backend_pid()) FROM members WHERE email = :address"
    )
    assert {answer.outcome for answer in adapter.apply([removal(ALICE), removal(BOB)])} == {Outcome.RETRY}
    assert adapter.check().outcome is Outcome.DONE


@pytest.mark.parametrize("where", ["host={folder} dbname=nothing user=dsnparse", "host={folder} dbname=lists user=x"])
def test_what_is_not_there_is_refused(lists: Cluster, tmp_path: Path, where: str) -> None:
    adapter = adapter_for(lists, tmp_path, postgres=where.format(folder=lists.folder))
    answer = adapter.check()
    assert (answer.outcome, PASSWORD in answer.detail) == (Outcome.REFUSED, False)


def test_a_connection_string_that_is_none_is_refused(lists: Cluster, tmp_path: Path) -> None:
    assert adapter_for(lists, tmp_path, postgres="host").check().outcome is Outcome.REFUSED

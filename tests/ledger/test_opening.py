from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dsnparse
from dsnparse.errors import LedgerError
from dsnparse.ledger import LedgerBusyError, default_path
from dsnparse.ledger.people import Selection
from dsnparse.ledger.schema import APPLICATION_ID, MIGRATIONS
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.model import Guard, Trust, Wanted
from tests.contracts.ledger import HARD, record
from tests.pipeline.mails import names

if TYPE_CHECKING:
    from collections.abc import Callable

    Way = Callable[[str], SqliteLedger]

ROOT = str(Path(dsnparse.__file__).parent.parent)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a ledger with one event, closed."""
    path = tmp_path / "ledger"
    with SqliteLedger.open(str(path)) as ledger:
        record(ledger, HARD)
    return path


def test_a_ledger_appears_by_itself_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "dsnparse" / "ledger"
    old = os.umask(0)
    try:
        with SqliteLedger.open(str(path)) as ledger:
            record(ledger, HARD)
            modes = {name: (path.parent / name).stat().st_mode & 0o777 for name in names(path.parent)}
    finally:
        os.umask(old)
    assert set(modes) == {"ledger", "ledger-shm", "ledger-wal", "ledger.lock"}
    assert set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_default_path_is_below_xdg_state_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert default_path() == "/var/state/dsnparse/ledger.sqlite3"
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        assert default_path() == "/home/alice/.local/state/dsnparse/ledger.sqlite3"


def test_the_schema_has_a_version_and_a_mark_of_its_own(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


WAYS = [SqliteLedger.open, SqliteLedger.copy]
either = pytest.mark.parametrize("way", WAYS, ids=["live", "dry"])


@either
def test_a_newer_schema_is_refused(path: Path, way: Way) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LedgerError, match="newer dsnparse"):
        way(str(path))


@either
def test_another_programs_database_is_refused(tmp_path: Path, way: Way) -> None:
    with closing(sqlite3.connect(tmp_path / "other")) as raw:
        raw.execute("CREATE TABLE event (id)")
    with pytest.raises(LedgerError, match="is no ledger of dsnparse"):
        way(str(tmp_path / "other"))


@either
def test_what_is_no_database_is_refused_and_stays(tmp_path: Path, way: Way) -> None:
    (tmp_path / "mail").write_bytes(b"From: alice@example.org\n" * 100)
    with pytest.raises(LedgerError, match="is no ledger of dsnparse"):
        way(str(tmp_path / "mail"))
    assert (tmp_path / "mail").read_bytes() == b"From: alice@example.org\n" * 100


@either
def test_a_folder_is_refused(tmp_path: Path, way: Way) -> None:
    with pytest.raises(LedgerError, match="cannot be opened"):
        way(str(tmp_path))


@either
def test_a_damaged_ledger_is_refused(path: Path, way: Way) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:200] + b"\xff" * (len(data) - 200))
    with pytest.raises(LedgerError, match="damaged"):
        way(str(path))


def test_an_error_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        SqliteLedger.open(str(tmp_path))
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert "\n" not in str(caught.value)


def test_a_second_run_is_told_that_another_is_at_work(path: Path) -> None:
    with SqliteLedger.open(str(path)):
        with pytest.raises(LedgerBusyError, match="another run is at work"):
            SqliteLedger.open(str(path))
        with SqliteLedger.copy(str(path)) as copy:  # one that changes nothing disturbs nobody
            assert copy.pending(9) == [(HARD.address, HARD.list)]
    with SqliteLedger.open(str(path)):
        pass


def test_a_ledger_that_another_program_has_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsnparse.ledger.opening._WAIT", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, SqliteLedger.open(str(path)) as ledger:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusyError, match="locked by another program"):
            record(ledger, HARD, digest=b"2")


def test_a_full_disk_is_told_and_the_ledger_goes_on_when_there_is_room(path: Path) -> None:
    with SqliteLedger.open(str(path)) as ledger:
        connection = ledger._connection  # noqa: SLF001 - a limit of pages stands for the disk
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LedgerBusyError, match="the disk is full"):
            record(ledger, digest=b"large" * 10_000)
        connection.execute("PRAGMA max_page_count = 100000")
        record(ledger, digest=b"room")
        assert ledger.known(b"room")


def test_a_copy_changes_nothing_and_leaves_nothing(path: Path) -> None:
    before = {name: (path.parent / name).read_bytes() for name in names(path.parent)}
    with SqliteLedger.copy(str(path)) as copy:
        record(copy, digest=b"2")
        assert copy.known(b"2")
    assert {name: (path.parent / name).read_bytes() for name in names(path.parent)} == before


def test_a_copy_of_no_ledger_makes_none(tmp_path: Path) -> None:
    with SqliteLedger.copy(str(tmp_path / "state" / "ledger")) as copy:
        assert record(copy, HARD) == (True,)
    assert names(tmp_path) == []


def test_a_copy_sees_what_a_killed_run_committed(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.model import Guard, Trust, Wanted
from tests.contracts.ledger import HARD, record
ledger = SqliteLedger.open(sys.argv[1])
record(ledger, HARD)
ledger._connection.execute("BEGIN IMMEDIATE")
ledger._connection.execute("DELETE FROM event")
os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "ledger")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": ROOT}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "ledger-wal").stat().st_size
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    with SqliteLedger.copy(str(tmp_path / "ledger")) as copy:
        assert copy.pending(9) == [(HARD.address, HARD.list)]
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before
    with SqliteLedger.open(str(tmp_path / "ledger")) as ledger:
        assert ledger.pending(9) == [(HARD.address, HARD.list)]


def test_a_name_with_signs_of_a_uri_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#%41"
    with SqliteLedger.open(str(path)) as ledger:
        record(ledger, HARD)
    with SqliteLedger.copy(str(path)) as copy:
        assert copy.pending(9) == [(HARD.address, HARD.list)]
    assert shutil.copy(path, tmp_path / "plain")


def first_schema(path: Path) -> None:
    """Write a ledger as the first schema had it: one done, one held, and the second failure of one."""
    event = (
        "INSERT INTO event (id, address, original, at, final_address, bounce_type, reason, remote_mta, list_id, mail)"
    )
    with closing(sqlite3.connect(path)) as raw, raw:
        for statement in MIGRATIONS[0]:
            raw.execute(statement)
        raw.execute("INSERT INTO mail VALUES (x'01', 'judged', 'bounce', 'new/1', 1, NULL)")
        for number, address, original, final in (
            (1, "alice@example.org", "m1", None),
            (2, "team@example.org", "m1", "x@example.net"),
            (3, "alice@example.org", "m2", None),
            (4, "Alice@example.org", "m2", None),
        ):
            row = (number, address, original, 100 + number, final, "hard", "user_unknown", "mx.example.net", "l", b"1")
            raw.execute(f"{event} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        for number, address, held in ((1, "alice@example.org", 0), (2, "team@example.org", 1)):
            evidence = json.dumps(
                {"address": address, "original": "m1", "at": "2026-01-02 03:04:05+00:00", "list_id": "l"}
            )
            key = f"remove:{address}:m1"
            raw.execute(
                "INSERT INTO decision VALUES (?, ?, ?, 'remove', ?, 'dead', ?, ?, 5)",
                (number, key, address, held, number, evidence),
            )
        raw.execute("INSERT INTO journal VALUES (1, 6, 1, 'intended', NULL, 'dead')")
        raw.execute("INSERT INTO journal VALUES (2, 7, 1, 'done', 'suppression:/x', '')")
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute("PRAGMA user_version = 1")


@either
def test_a_ledger_of_the_first_schema_is_taken_over_with_all_that_it_knows(tmp_path: Path, way: Way) -> None:
    path = tmp_path / "ledger"
    first_schema(path)
    with way(str(path)) as ledger:
        assert ledger.known(b"\x01") is not None
        events = ledger.past("alice@example.org", "l", datetime.now(UTC)).events
        assert [(event.original, event.trust) for event in events] == [("m1", Trust.NONE), ("m2", Trust.NONE)]
        alice, team = (ledger.current(f"{name}@example.org", "l") for name in ("alice", "team"))
        assert alice is not None
        assert team is not None
        assert (alice.done, alice.decision.wanted, alice.decision.held) == (True, Wanted.REMOVE, None)
        assert (team.done, team.decision.held) == (False, Guard.ALIAS)
        assert [entry.what for entry in ledger.journal(Selection())] == ["intended", "done"]
        ledger.dispatch("suppression:/x", (), datetime.now(UTC))
        assert ledger.due("suppression:/x", datetime.now(UTC), 10) == []  # it was told
        ledger.dispatch("suppression:/y", (), datetime.now(UTC))
        (due,) = ledger.due("suppression:/y", datetime.now(UTC), 10)
        assert (due.decision.address, due.decision.id) == ("alice@example.org", alice.decision.id)
        assert ledger.pending(9) == [("alice@example.org", "l"), ("team@example.org", "l")]
        assert ledger.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_migration_that_is_cut_off_leaves_the_old_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger"
    first_schema(path)
    broken = (MIGRATIONS[0], (*MIGRATIONS[1], "INSERT INTO nowhere VALUES (1)"))
    monkeypatch.setattr("dsnparse.ledger.opening.MIGRATIONS", broken)
    with pytest.raises(LedgerError):
        SqliteLedger.open(str(path))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)
        assert raw.execute("SELECT count(*) FROM decision").fetchone() == (2,)
    monkeypatch.undo()
    with SqliteLedger.open(str(path)) as ledger:
        assert ledger.current("alice@example.org", "l") is not None

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dsnparse
from dsnparse.errors import LedgerError
from dsnparse.ledger import LedgerBusyError, default_path
from dsnparse.ledger.schema import APPLICATION_ID, MIGRATIONS
from dsnparse.ledger.sqlite import SqliteLedger
from tests.ledger.test_sqlite import HARD, record
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
            assert list(copy.undecided()) == [HARD]
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
from tests.ledger.test_sqlite import HARD, record
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
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path) if not name.endswith("-shm")}
    with SqliteLedger.copy(str(tmp_path / "ledger")) as copy:
        assert list(copy.undecided()) == [HARD]
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path) if not name.endswith("-shm")} == before
    with SqliteLedger.open(str(tmp_path / "ledger")) as ledger:
        assert list(ledger.undecided()) == [HARD]


def test_a_name_with_signs_of_a_uri_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#%41"
    with SqliteLedger.open(str(path)) as ledger:
        record(ledger, HARD)
    with SqliteLedger.copy(str(path)) as copy:
        assert list(copy.undecided()) == [HARD]
    assert shutil.copy(path, tmp_path / "plain")

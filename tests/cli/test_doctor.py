from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dsnparse.cli import checks as checks_module
from dsnparse.cli.checks import Check, State, checks
from dsnparse.cli.checks.ledger import clock, space
from dsnparse.cli.group import start
from dsnparse.config import load
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.sources.spool import deliver
from tests.config.examples import WORDS, everything

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, dict[str, list[str]], str]]

TRUST = '[trust]\nreturn_path = "b+{token}@lists.example.org"\n[[trust.keys]]\nid = 1\nsecret_file = "key"\n'
BASE = '[ledger]\npath = "state/ledger.sqlite3"\n[source]\npaths = ["Maildir"]\n'
SUPPRESS = '[[adapter]]\ntype = "suppression"\npath = "dead.txt"\n'
# Opens a ledger, leaves a transaction in its -wal file, and dies as by a power failure.
KILLED = """
import os, sys
from dsnparse.ledger.opening import open_file
connection = open_file(sys.argv[1])
connection.execute("INSERT INTO meta VALUES ('x', 'y')")
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which all is well, as a user who is not root."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("DSNPARSE_CONFIG", raising=False)
    monkeypatch.setattr("dsnparse.settings._SYSTEM", str(tmp_path / "etc.toml"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.chdir(tmp_path)
    for name in ("Maildir/new", "Maildir/cur", "Maildir/tmp", "state"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1.host").write_text("From: a@example.org\n\n")
    (tmp_path / "key").write_text(WORDS)
    (tmp_path / "key").chmod(0o600)
    with SqliteLedger.open(str(tmp_path / "state" / "ledger.sqlite3")):
        pass
    (tmp_path / "config.toml").write_text(BASE + TRUST + SUPPRESS)
    (tmp_path / "config.toml").chmod(0o600)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], place: Path) -> Run:
    """Return a function that runs `dsnparse doctor`: exit code, the lines by state, stderr."""

    def ran(*args: str, text: str | None = None) -> tuple[int, dict[str, list[str]], str]:
        if text is not None:
            (place / "config.toml").write_text(text)
        code = start(["doctor", *(args or ("--config", "config.toml"))])
        captured = capsys.readouterr()
        assert WORDS not in captured.out + captured.err
        told: dict[str, list[str]] = {"ok": [], "warn": [], "fail": []}
        for line in captured.out.splitlines():
            told[line[:4].rstrip()].append(line[6:])
        return code, told, captured.err

    return ran


def test_where_all_is_well_every_line_says_ok(run: Run, place: Path) -> None:
    code, told, err = run()
    assert (code, told["warn"], told["fail"], err) == (0, [], [], "")
    names = [line.partition(":")[0] for line in told["ok"]]
    assert names == [
        *("config", "user", "ledger folder", "disk", "ledger mode", "ledger", "clock", "spool", "maildir", "mails"),
        *("adapter", "return path", "secret", "rules", "notify"),
    ]
    lines = dict(line.split(": ", 1) for line in told["ok"])
    assert lines["ledger"] == f"{place}/state/ledger.sqlite3: 0 mails and 0 failures in it"
    assert lines["mails"] == f"{place}/Maildir: 1 in new/, the oldest 0 days old"
    assert lines["adapter"].startswith(f"suppression:{place}/dead.txt")
    assert lines["return path"] == "b+{token}@lists.example.org: 34 of 64 octets"
    assert lines["secret"] == f"trust.keys[0].secret_file: {place}/key"


def tree(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Return every name below a folder with what may change of it."""
    return {
        str(path): (state.st_mtime_ns, state.st_mode, state.st_ino, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
        for state in (path.lstat(),)
    }


def test_nothing_at_all_is_changed(run: Run, place: Path) -> None:
    before = tree(place)
    assert run()[0] == 0
    assert tree(place) == before


def test_no_ledger_and_no_folder_for_it_is_made(run: Run, place: Path) -> None:
    shutil.rmtree(place / "state")
    before = tree(place)
    code, told, _ = run()
    assert code == 0
    assert f"ledger folder: {place}/state: will be made in {place}" in told["ok"]
    assert f"ledger: {place}/state/ledger.sqlite3: will be made by the first run with --live" in told["ok"]
    assert tree(place) == before


@pytest.mark.parametrize("index", ["kept", "lost"])
def test_what_a_killed_run_left_stays_as_it_is_and_is_read(run: Run, place: Path, index: str) -> None:
    shutil.rmtree(place / "state")
    (place / "state").mkdir()
    command = [sys.executable, "-c", KILLED, str(place / "state" / "ledger.sqlite3")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    if index == "lost":
        (place / "state" / "ledger.sqlite3-shm").unlink()
    before = tree(place)
    code, told, _ = run()
    assert (code, told["fail"]) == (0, [])
    assert any(line.endswith("ledger.sqlite3: 0 mails and 0 failures in it") for line in told["ok"])
    assert tree(place) == before


def test_a_ledger_that_a_run_is_at_work_on_is_read(run: Run, place: Path) -> None:
    with SqliteLedger.open(str(place / "state" / "ledger.sqlite3")):
        assert run()[0] == 0
    with (place / "state" / "ledger.sqlite3.lock").open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # it was not kept


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"this is no database, but long enough to be looked at as one" * 20, "is no ledger of dsnparse"),
        (None, "is damaged"),
    ],
)
def test_a_broken_ledger_fails(run: Run, place: Path, content: bytes | None, problem: str) -> None:
    path = place / "state" / "ledger.sqlite3"
    raw = path.read_bytes()
    path.write_bytes(content or raw[:4096] + b"\xff" * (len(raw) - 4096))
    code, told, _ = run()
    assert code == 2
    assert [line for line in told["fail"] if line.startswith(f"ledger: {path}") and problem in line]


def test_others_who_may_read_the_ledger_or_a_secret_or_change_the_settings_are_told_of(run: Run, place: Path) -> None:
    (place / "state" / "ledger.sqlite3").chmod(0o640)
    (place / "config.toml").chmod(0o620)
    (place / "key").chmod(0o644)
    code, told, _ = run()
    assert (code, told["fail"]) == (
        2,
        [f"secret: trust.keys[0].secret_file: {place}/key: everybody here may read it: chmod o="],
    )
    assert told["warn"] == [
        "config: config.toml: others may write to it: chmod go-w",
        f"ledger mode: {place}/state/ledger.sqlite3: others may read it: chmod 600",
    ]


def test_rights_that_are_missing_fail(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = {str(place / "state"), str(place / "Maildir" / "cur")}
    monkeypatch.setattr(os, "access", lambda path, rights: not (str(path) in closed and rights & os.W_OK))
    code, told, _ = run()
    assert code == 2
    assert told["fail"] == [
        f"ledger folder: {place}/state: cannot be written to",
        f"maildir: {place}/Maildir/cur: mails cannot be moved to it",
    ]


def test_mails_that_cannot_be_read_fail(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("1.host"))
    code, told, _ = run()
    assert (code, told["fail"]) == (2, [f"mails: {place}/Maildir/new: mails that cannot be read, such as 1.host"])


def test_a_source_that_is_not_there_fails_and_one_that_is_no_maildir_is_named(run: Run, place: Path) -> None:
    (place / "box.mbox").touch()
    code, told, _ = run(text=BASE.replace('["Maildir"]', '["none", "box.mbox"]') + TRUST + SUPPRESS)
    assert (code, told["fail"]) == (2, [f"source: {place}/none: No such file or directory"])
    assert f"source: {place}/box.mbox: is read; no Maildir with new/, so no mail is moved" in told["ok"]


def test_a_spool_is_looked_at_as_a_maildir_that_mail_is_put_into(run: Run, place: Path) -> None:
    spool = place / "xdg" / "dsnparse" / "spool"
    assert f"spool: {spool}: nothing has come by `dsnparse ingest`" in run()[1]["ok"]
    deliver(io.BytesIO(b"From: a@example.org\n\n"), str(spool))
    code, told, _ = run()
    assert (code, told["warn"]) == (0, [])
    assert f"spool: {spool}: only its owner may look into it" in told["ok"]
    assert f"mails: {spool}: 1 in new/, the oldest 0 days old" in told["ok"]
    spool.chmod(0o755)
    assert run()[1]["warn"] == [f"spool: {spool}: others may look into it: chmod 700"]


def test_a_spool_that_takes_no_mail_fails(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = place / "xdg" / "dsnparse" / "spool"
    (spool / "new").mkdir(parents=True)
    spool.chmod(0o700)
    tmp = spool / "tmp"
    assert f"spool: {tmp}: will be made" in run()[1]["ok"]
    tmp.touch()
    assert run()[1]["fail"] == [f"spool: {tmp}: is no folder"]
    tmp.unlink()
    tmp.mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("tmp"))
    assert run()[1]["fail"] == [f"spool: {tmp}: cannot be read and written"]


def test_how_long_mails_wait_is_told(run: Run, place: Path) -> None:
    old = (datetime.now(UTC) - timedelta(days=10)).timestamp()
    for name in ("2.host", ".hidden"):
        (place / "Maildir" / "new" / name).touch()
        os.utime(place / "Maildir" / "new" / name, (old, old))
    assert f"mails: {place}/Maildir: 2 in new/, the oldest 10 days old" in run()[1]["ok"]


def test_without_a_file_the_defaults_are_looked_at_and_what_is_missing_is_a_warning(
    capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    before = tree(place)
    assert start(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok    config: no file: the defaults are in effect"
    assert [line.partition(":")[0] for line in lines if line.startswith("warn")] == [
        *("warn  source", "warn  adapter", "warn  trust"),
    ]
    assert next(line for line in lines if "trust" in line).endswith("tell what was sent: dsnparse sent import")
    assert tree(place) == before


def test_an_adapter_whose_system_is_away_fails_with_its_answer(run: Run) -> None:
    text = '[[adapter]]\ntype = "webhook"\nurl = "http://127.0.0.1:1/x"\ntimeout = "2s"\nsecret_file = "key"\n'
    code, told, _ = run(text=BASE + TRUST + text)
    assert (code, told["fail"]) == (
        2,
        ["adapter: webhook:http://127.0.0.1:1/x: retry: 127.0.0.1:1: nobody takes the connection"],
    )


def test_a_clock_that_is_behind_what_is_known_to_be_past_fails(place: Path) -> None:
    config = load(str(place / "config.toml"))

    def looked_at(now: datetime) -> Check:
        return next(check for check in checks(config, now) if check.name == "clock")

    assert looked_at(datetime.now(UTC)).state is State.OK
    behind = looked_at(datetime(2020, 1, 1, tzinfo=UTC))
    assert (behind.state, behind.detail) == (State.FAIL, "2020-01-01 00:00 UTC is before dsnparse was installed")
    event = clock(datetime.now(UTC), 4_000_000_000)
    assert event.state is State.FAIL
    assert event.detail.endswith("is before the newest entry of the ledger, 2096-10-02 07:06 UTC")


@pytest.mark.parametrize(("free", "state"), [(10**12, State.OK), (50 * 2**20, State.WARN), (2**20, State.FAIL)])
def test_a_disk_that_is_nearly_full_is_told_of(
    free: int, state: State, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(place)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert space(str(place)).state is state


def test_a_list_whose_name_is_too_long_for_its_return_path_fails(run: Run) -> None:
    form = TRUST.replace("b+{token}", "{list}-bounces+{token}")
    lists = '[[list]]\nname = "news"\n[[list]]\nname = "announcements-to-all-members"\n'
    code, told, _ = run(text=BASE + form + SUPPRESS + lists)
    assert code == 2
    (problem,) = told["fail"]
    assert problem.startswith("return path: {list}-bounces+{token}@lists.example.org: the local part")
    assert "for the list news" in next(line for line in told["ok"] if line.startswith("return path"))


def test_notices_that_cannot_be_mailed_are_a_warning(run: Run, place: Path) -> None:
    text = '[notify]\nmail_to = ["o@example.org"]\nmail_from = "d@example.org"\nsendmail = "none"\n'
    code, told, _ = run(text=BASE + TRUST + SUPPRESS + text)
    assert (code, told["warn"]) == (0, [f"notify: {place}/none: is no program that can be started"])
    (place / "none").touch(mode=0o700)
    assert "notify: o@example.org" in run()[1]["ok"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[ledgre]\n", "config: config.toml: ledgre: is no setting"),
        (TRUST.replace('"key"', '"none"'), "config: config.toml: trust.keys[0].secret_file: "),
    ],
)
def test_settings_that_are_no_good_fail_in_one_line(run: Run, text: str, problem: str) -> None:
    code, told, err = run(text=text)
    assert (code, told["ok"], told["warn"], err) == (2, [], [], "")
    (line,) = told["fail"]
    assert line.startswith(problem)


def test_a_file_that_is_named_and_missing_fails(run: Run) -> None:
    code, told, _ = run("--config", "none.toml")
    assert (code, told["fail"]) == (2, ["config: none.toml: cannot be read: No such file or directory"])


def test_every_setting_of_the_template_can_be_looked_at(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place / "all"
    folder.mkdir()
    config = load(str(everything(folder)))
    monkeypatch.setattr(checks_module, "_adapters", lambda _: iter(()))  # one of them is a host on the network
    found = list(checks(config, datetime.now(UTC)))
    assert {"ledger", "source", "return path", "secret", "rules"} <= {check.name for check in found}
    assert all(WORDS not in check.detail for check in found)


def test_json_gives_one_object_for_each_check(capsys: pytest.CaptureFixture[str], place: Path) -> None:
    assert start(["doctor", "--json", "--config", str(place / "config.toml")]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) > 10
    assert all(set(row) == {"check", "state", "detail"} for row in rows)
    assert {row["state"] for row in rows} == {"ok"}


def test_root_is_told_that_rights_are_not_checked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    code, told, _ = run()
    assert code == 0
    assert told["warn"][0].startswith("user: root may do everything")

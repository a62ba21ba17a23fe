from __future__ import annotations

import fcntl
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIXTURES
from tests.e2e.command import dsnparse_command, environment
from tests.pipeline.mails import FULL, LETTER, SILENT, bounce, maildir, names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Path:
    maildir(
        tmp_path / "md",
        {
            "1": bounce("alice@example.org"),
            "2": bounce("bob@example.org", FULL),
            "3": LETTER,
            "4": bounce("carol@example.org", SILENT),
        },
    )
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_dry_run_says_everything_and_changes_nothing(box: Path) -> None:
    before = tree(box)
    done = dsnparse_command(box, "run", "--suppress", "dead.txt", "md")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    cells = [re.split(r"  +", line) for line in lines]
    assert cells[:6] == [
        ["address", "what", "type", "reason", "status", "do", "file"],
        ["alice@example.org", "failed", "hard", "user_unknown", "5.1.1", "disable", "md/new/1"],
        ["bob@example.org", "failed", "soft", "mailbox_full", "4.2.2", "nothing", "md/new/2"],
        ["-", "other", "-", "-", "-", "left for you: no report", "md/new/3"],
        ["carol@example.org", "failed", "-", "undetermined", "5.0.0", "nothing", "md/new/4"],
        ["-", "bounce", "-", "-", "-", "left for you: does not say why", "md/new/4"],
    ]
    assert "Nothing was changed.  To act: " in lines[-1]
    assert {row[0]: row[1] for row in cells[6:] if len(row) == 2 and row[1][:1].isdigit()} == {
        "mails read": "4",
        "bounces": "3",
        "failures": "3 new",
        "to be disabled": "1",
        "to be removed": "0",
        "held for a person": "0",
        "not understood": "1",
        "letters, complaints": "1",
    }
    assert tree(box) == before


def test_the_command_line_that_a_dry_run_names_acts(box: Path) -> None:
    (box / "md").rename(box / "my mail")
    done = dsnparse_command(box, "run", "--suppress", "dead list.txt", "--max", "7", "--no-settle", "my mail")
    line = done.stdout.decode().splitlines()[-1].partition("To act: ")[2]
    assert shlex.split(line)[3:] == [
        *("run", "--live", "--suppress", "dead list.txt", "--max", "7", "--no-settle", "my mail"),
    ]
    done = dsnparse_command(box, *shlex.split(line)[3:])
    assert done.returncode == 1
    assert (box / "dead list.txt").read_text() == "alice@example.org\n"


def test_a_live_run_acts_and_the_second_finds_nothing_new(box: Path) -> None:
    done = dsnparse_command(box, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    assert done.returncode == 1  # a letter and a mail that was not understood
    assert (box / "dead.txt").read_text() == "alice@example.org\n"
    assert (names(box / "md" / "new"), names(box / "md" / "cur")) == (["3", "4"], ["1:2,", "2:2,"])
    assert (box / "state" / "dsnparse" / "ledger.sqlite3").stat().st_mode & 0o777 == 0o600
    first = (box / "dead.txt").stat()
    done = dsnparse_command(box, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    assert done.returncode == 0
    assert b"alice@" not in done.stdout
    assert b"left for you" not in done.stdout
    assert (box / "dead.txt").stat().st_ino == first.st_ino


def test_quiet_says_nothing_when_nothing_is_new(box: Path) -> None:
    dsnparse_command(box, "run", "--live", "md")
    done = dsnparse_command(box, "run", "--live", "--quiet", "md")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_without_a_list_a_live_run_remembers_and_a_later_one_tells_the_list(box: Path) -> None:
    done = dsnparse_command(box, "run", "--live", "md")
    assert b"name a file for them with --suppress FILE" in done.stdout
    dsnparse_command(box, "run", "--live", "--no-settle", "--suppress", "dead.csv", "md")
    assert (box / "dead.csv").read_text().splitlines()[1].startswith("alice@example.org,user_unknown,5.1.1,")


def test_a_lost_suppression_file_is_written_again_from_the_ledger(box: Path) -> None:
    dsnparse_command(box, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    (box / "dead.txt").unlink()
    dsnparse_command(box, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    assert (box / "dead.txt").read_text() == "alice@example.org\n"


def test_what_is_decided_is_not_done_before_it_is_a_day_old(box: Path) -> None:
    os.utime(box / "md" / "new" / "1")
    args = ("run", "--live", "--suppress", "dead.txt", "md")
    done = dsnparse_command(box, *args)
    assert b"1 wait until they are 24 hours old" in done.stdout
    assert (box / "dead.txt").read_text() == ""
    dsnparse_command(box, *args[:2], "--no-settle", *args[2:])
    assert (box / "dead.txt").read_text() == "alice@example.org\n"


def test_whatever_parse_reads_is_taken_and_only_a_maildirs_mails_move(tmp_path: Path) -> None:
    (tmp_path / "box.mbox").write_bytes(
        b"From x\n" + bounce("alice@example.org") + b"\nFrom x\n" + bounce("bob@example.org")
    )
    before = (tmp_path / "box.mbox").read_bytes()
    args = ("run", "--live", "--no-settle", "--suppress", "dead.txt", "box.mbox", "-")
    done = dsnparse_command(tmp_path, *args, stdin=bounce("carol@example.org"))
    assert done.returncode == 0
    assert (tmp_path / "dead.txt").read_text() == "alice@example.org\nbob@example.org\ncarol@example.org\n"
    assert (tmp_path / "box.mbox").read_bytes() == before


def test_a_second_run_at_once_is_told_to_try_again(box: Path) -> None:
    ledger = box / "ledger"
    with (box / "ledger.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = dsnparse_command(box, "run", "--live", "--ledger", "ledger", "md")
    assert (done.returncode, done.stdout) == (75, b"")
    assert done.stderr == b"dsnparse: ledger: another run is at work on it\n"
    assert not ledger.exists()


def test_a_newer_ledger_is_refused_in_one_line(box: Path) -> None:
    dsnparse_command(box, "run", "--live", "--ledger", "ledger", "md")
    with closing(sqlite3.connect(box / "ledger")) as raw:
        raw.execute("PRAGMA user_version = 99")
    done = dsnparse_command(box, "run", "--live", "--ledger", "ledger", "md")
    assert done.returncode == 2
    assert re.fullmatch(rb"dsnparse: ledger: was written by a newer dsnparse .*\n", done.stderr)


@pytest.mark.parametrize("target", ["md", "nowhere/dead.txt", "fifo", "loop", "ledger"])
def test_a_suppression_file_that_must_not_be_written_is_refused_before_anything_is_done(box: Path, target: str) -> None:
    os.mkfifo(box / "fifo")
    (box / "loop").symlink_to("loop")
    before = tree(box)
    done = dsnparse_command(box, "run", "--live", "--ledger", "ledger", "--suppress", target, "md")
    assert done.returncode == 2
    assert done.stderr.startswith(b"dsnparse: --suppress " + target.encode())
    assert tree(box) == before


def test_a_full_disk_under_the_suppression_file_is_told_and_the_next_run_mends_it(box: Path) -> None:
    code = """
import os, errno
real = os.fsync
import dsnparse.adapters.suppression as s
def fsync(descriptor):
    raise OSError(errno.ENOSPC, "No space left on device")
s.os = type("os", (), {**vars(os), "fsync": staticmethod(fsync)})
"""
    args = ("run", "--live", "--quiet", "--no-settle", "--suppress", "dead.txt", "md")
    done = dsnparse_command(box, *args, code=code)
    assert done.returncode == 75
    assert re.fullmatch(rb"dsnparse: .*/dead.txt: No space left on device\n", done.stderr)
    assert not (box / "dead.txt").exists()
    dsnparse_command(box, *args)
    assert (box / "dead.txt").read_text() == "alice@example.org\n"


def test_a_run_goes_on_when_nobody_reads_of_it(tmp_path: Path) -> None:
    maildir(tmp_path / "md", {f"{n:04}": bounce(f"a{n}@example.org", FULL) for n in range(3000)})
    line = shlex.join([sys.executable, "-m", "dsnparse", "run", "--live", "md"])
    done = subprocess.run(
        ["/bin/bash", "-c", f"{line} | head -n 1; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(os.listdir(tmp_path / "md" / "cur")) == 3000  # noqa: PTH208 - only the number counts


def test_twice_on_the_fixtures_leaves_no_new_event_and_the_same_file(tmp_path: Path) -> None:
    mails = {f"{path.parent.name}.{path.name}": path.read_bytes() for path in sorted(FIXTURES.glob("*/*.eml"))}
    maildir(tmp_path / "md", mails)
    args = ("run", "--live", "--no-settle", "--max", "1000", "--ledger", "ledger", "--suppress", "dead.csv", "md")
    assert dsnparse_command(tmp_path, *args).returncode in {0, 1}
    first = (tmp_path / "dead.csv").read_bytes()
    with closing(sqlite3.connect(tmp_path / "ledger")) as raw:
        events = raw.execute("SELECT * FROM event ORDER BY id").fetchall()
    assert len(first.splitlines()) > 10
    assert len(events) > 20
    assert len(names(tmp_path / "md" / "new")) + len(names(tmp_path / "md" / "cur")) == len(mails)
    assert dsnparse_command(tmp_path, *args).returncode == 0
    assert (tmp_path / "dead.csv").read_bytes() == first
    with closing(sqlite3.connect(tmp_path / "ledger")) as raw:
        assert raw.execute("SELECT * FROM event ORDER BY id").fetchall() == events

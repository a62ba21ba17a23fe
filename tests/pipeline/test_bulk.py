"""Very many mails in one Maildir: flat memory, and a run that is stopped is taken up by the next.

DSNPARSE_FULL=1 takes 100,000 mails of 1,000 domains, else it is a fiftieth.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.e2e.command import environment
from tests.pipeline.mails import bounce

if TYPE_CHECKING:
    from pathlib import Path

FULL = bool(os.environ.get("DSNPARSE_FULL"))
MAILS, DOMAINS = (100_000, 1000) if FULL else (2000, 20)
MEASURED = """
import pathlib, sys
from dsnparse.cli import main
code = main()
print(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0], file=sys.stderr)
sys.exit(code)
"""


def fill(folder: Path, first: int, number: int) -> None:
    """Put mails into new/, spread over 30 days."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    now = time.time()
    for place in range(first, first + number):
        path = folder / "new" / f"{place:06}"
        path.write_bytes(bounce(f"a{place}@d{place % DOMAINS}.example.org", message_id=f"{place % 30}@example.org"))
        at = now - 86_400 * (2 + place % 30)
        os.utime(path, (at, at))


def start(folder: Path, *args: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", MEASURED, "run", "--live", "--no-settle", "--quiet", "--ledger", "ledger"]
    return subprocess.Popen(
        [*command, "--suppress", "dead.txt", *args, "md"],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def peak(folder: Path, *args: str) -> int:
    """Run to the end and return the most memory that it took, in KiB."""
    with start(folder, *args) as process:
        said = process.communicate()[1].split()
    assert process.returncode in {0, 1}
    return int(said[-1])


def counted(folder: Path) -> tuple[int, int, int, int]:
    """Return mails in new/, in cur/, in the ledger, and failures."""
    with closing(sqlite3.connect(folder / "ledger")) as raw:
        ((mails, events),) = raw.execute("SELECT (SELECT count(*) FROM mail), (SELECT count(*) FROM event)")
    return len(os.listdir(folder / "md" / "new")), len(os.listdir(folder / "md" / "cur")), mails, events  # noqa: PTH208 - numbers


def test_memory_does_not_grow_with_the_number_of_mails(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    fill(few / "md", 0, MAILS // 5)
    fill(many / "md", 0, MAILS)
    small = peak(few)
    began = time.monotonic()
    large = peak(many)
    rate = MAILS / (time.monotonic() - began)
    again = peak(many)
    print(f"{MAILS} mails: {rate:.0f} a second; {small} KiB for a fifth, {large} KiB for all, {again} KiB again")  # noqa: T201
    assert counted(many) == (0, MAILS, MAILS, MAILS)
    assert max(large, again) < small * 1.25
    assert 0 < len((many / "dead.txt").read_text().splitlines()) <= 100  # no more than the caps allow in a day


@pytest.mark.parametrize("signals", [[signal.SIGTERM, signal.SIGINT, signal.SIGKILL]])
def test_a_run_that_is_stopped_is_taken_up_by_the_next(tmp_path: Path, signals: list[signal.Signals]) -> None:
    fill(tmp_path / "md", 0, MAILS)
    moved = 0
    for number in signals:
        with start(tmp_path) as process:
            while len(os.listdir(tmp_path / "md" / "cur")) <= moved + 200:  # noqa: PTH208 - a number
                time.sleep(0.02)
                assert process.poll() is None
            process.send_signal(number)
            said = process.communicate()[1]
        assert process.returncode == (130 if number is signal.SIGINT else -number), said
        assert b"Traceback" not in said
        before, moved = moved, counted(tmp_path)[1]
        assert before < moved < MAILS
    peak(tmp_path)
    assert counted(tmp_path) == (0, MAILS, MAILS, MAILS)

"""Killed at any point, the next run ends in the same state as one that nobody disturbed."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.e2e.command import dsnparse_command
from tests.pipeline.mails import FULL, LETTER, SILENT, bounce, maildir, names

if TYPE_CHECKING:
    from pathlib import Path

MAILS = {
    **{
        f"{number:02}": bounce(f"a{number}@example.org", FULL if number % 3 else ("5.1.1", "550 5.1.1 Unknown"))
        for number in range(40)
    },
    "50": LETTER,
    "51": bounce("carol@example.org", SILENT),
    "52": bounce("a0@example.org", report="2"),
    "53": bounce("dave@example.org", message_id=None),
}
ARGS = ("run", "--live", "--no-settle", "--max", "10", "--ledger", "ledger", "--suppress", "dead.csv", "md")

# (where, at which call, before or after it): a few telling ones; test_crash.py dies at every kind of step.
POINTS = [
    ("dsnparse.ledger.opening._migrate", 1, "after"),
    ("dsnparse.ledger.sqlite.SqliteLedger.record", 3, "before"),
    ("dsnparse.ledger.mails._insert", 12, "after"),
    ("dsnparse.pipeline.running.move_to_cur", 17, "after"),
    ("dsnparse.ledger.sqlite.SqliteLedger.mark_listed", 1, "before"),
    ("dsnparse.ledger.sqlite.SqliteLedger.due", 1, "after"),
    ("os.replace", 2, "before"),
    ("os.replace", 2, "after"),
    ("dsnparse.ledger.sqlite.SqliteLedger.settle", 1, "after"),
]

KILL = """
import importlib, os, signal
import dsnparse.pipeline.running, dsnparse.adapters.suppression, dsnparse.ledger.sqlite
dsnparse.pipeline.running._BATCH = 8
where, wanted, when = {point!r}
path = where.split(".")
for cut in range(len(path) - 1, 0, -1):
    try:
        holder = importlib.import_module(".".join(path[:cut]))
        break
    except ModuleNotFoundError:
        pass
for name in path[cut:-1]:
    holder = getattr(holder, name)
real = getattr(holder, path[-1])
calls = 0
def kill(*args, **more):
    global calls
    calls += 1
    if calls == wanted and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = real(*args, **more)
    if calls == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
setattr(holder, path[-1], kill)
"""


def state(folder: Path) -> object:
    """Return everything that a run leaves, without the times at which it did it."""
    with closing(sqlite3.connect(folder / "ledger")) as raw:
        ledger = [
            sorted(raw.execute(statement).fetchall())
            for statement in (
                "SELECT digest, state, kind, source, listed_at IS NULL FROM mail",
                "SELECT address, original, at, bounce_type, reason, status, diagnostic, trust, cleared FROM event",
                "SELECT id, address, list, wanted, state, held, released, why, until, ripe_at, evidence FROM decision",
                "SELECT id, outcome FROM outbox JOIN decision ON number = decision",
                "SELECT decision.id, what FROM journal JOIN decision ON number = decision",
                "SELECT address, list FROM pending",
            )
        ]
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    files = names(folder), names(folder / "md" / "new"), names(folder / "md" / "cur")
    return ledger, files, (folder / "dead.csv").read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("undisturbed")
    maildir(folder / "md", MAILS)
    done = dsnparse_command(folder, *ARGS, code="import dsnparse.pipeline.running as r; r._BATCH = 8")
    assert (done.returncode, done.stderr) == (1, b"")
    return state(folder)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[2]}-{point[1]}-{point[0].rpartition('.')[2]}")
def test_the_run_after_a_killed_one_ends_in_the_same_state(
    tmp_path: Path, undisturbed: object, point: tuple[str, int, str]
) -> None:
    maildir(tmp_path / "md", MAILS)
    killed = dsnparse_command(tmp_path, *ARGS, code=KILL.format(point=point))
    assert killed.returncode == -signal.SIGKILL
    again = dsnparse_command(tmp_path, *ARGS)
    assert again.returncode in {0, 1}
    assert again.stderr == b""
    assert state(tmp_path) == undisturbed

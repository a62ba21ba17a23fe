"""A run that is killed again and again, at every kind of step, ends as one that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters.suppression import SuppressionFile
from dsnparse.config import Route, default
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.pipeline import acting, deciding, run, running
from dsnparse.policy import preset
from dsnparse.sources import read_path
from tests.pipeline.killing import List, Steps, in_a_child
from tests.pipeline.mails import FULL, LETTER, SILENT, bounce, maildir, names

if TYPE_CHECKING:
    from pathlib import Path

MAILS, KILLS = 1000, 200
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=40)  # those whom a full mailbox had stopped are mailed again
TOGETHER = 8  # mails in a batch, and decisions in a call


def mail(number: int) -> tuple[bytes, int]:
    """Return a mail and how many days ago it came."""
    name = f"a{number}"
    match number % 10:
        case 5:
            return bounce(f"{name}@storm.example.net"), 0
        case 6:
            return bounce(f"{name}@example.org", FULL), 0
        case 7:
            return LETTER + name.encode(), 0
        case 8:
            return bounce(f"{name}@example.org", SILENT), 0
        case 9:
            day = number // 10 % 5
            return bounce(f"full{number // 50}@example.org", FULL, message_id=f"news-{day}@example.org"), day
    return bounce(f"{name}@d{number % 97}.example.com"), 0


def box(folder: Path) -> None:
    mails = {f"{number:04}": mail(number) for number in range(MAILS)}
    maildir(folder / "md", {name: raw for name, (raw, _) in mails.items()})
    for number, (name, (_, days)) in enumerate(mails.items()):
        at = (NOW - timedelta(days=2 + days)).timestamp() + number
        os.utime(folder / "md" / "new" / name, (at, at))


def work(folder: Path, steps: Steps, now: datetime) -> None:
    """Do what the command does, in small pieces."""
    vars(running)["_BATCH"] = vars(acting)["_SOME"] = TOGETHER
    vars(deciding)["_SOME"] = 5 * TOGETHER
    steps.put_in()
    adapters = (SuppressionFile(str(folder / "dead.csv")), List(folder / "list", steps))
    config = default()
    config = replace(
        config,
        policy=preset("esp"),
        guard=replace(config.guard, number=120),
        adapters=tuple(Route(adapter=adapter) for adapter in adapters),
    )
    with SqliteLedger.open(str(folder / "ledger")) as ledger:
        run(read_path(str(folder / "md")), ledger, config, live=True, now=now, unripe=True)


def state(folder: Path) -> dict[str, object]:
    """Return everything that a run leaves; how often a list was asked may differ."""
    statements = {
        "mail": "SELECT digest, state, kind, read_at, listed_at FROM mail",
        **{name: f"SELECT * FROM {name}" for name in ("event", "decision", "pending", "storm", "sent", "forgotten")},  # noqa: S608 - names of our own
        "outbox": "SELECT decision, substr(adapter, 1, 5), outcome FROM outbox",
        "journal": "SELECT decision, what, substr(adapter, 1, 5), at FROM journal",
    }
    with closing(sqlite3.connect(folder / "ledger")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {name: sorted(map(repr, raw.execute(statement))) for name, statement in statements.items()}
    files = {name: names(folder / "md" / name) for name in ("new", "cur", "tmp")}
    return {**tables, **files, "effects": effects(folder), "dead": (folder / "dead.csv").read_bytes()}


def effects(folder: Path) -> list[str]:
    return [line for line in (folder / "list").read_text().splitlines() if not line.startswith("call ")]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], list[list[str]]]:
    """Return what an undisturbed run leaves, and its steps."""
    folder = tmp_path_factory.mktemp("undisturbed")
    box(folder)

    taken = []
    for now in (NOW, LATER):

        def whole(now: datetime = now) -> None:
            steps = Steps(at=0)
            work(folder, steps, now)
            (folder / "steps").write_text("\n".join(steps.taken))

        assert in_a_child(whole) == 0
        taken.append((folder / "steps").read_text().splitlines())
    return state(folder), taken


def test_kills_at_every_kind_of_step_lose_nothing_and_do_nothing_twice(
    tmp_path: Path, undisturbed: tuple[dict[str, object], list[list[str]]]
) -> None:
    expected, steps = undisturbed
    source = random.Random(1)  # noqa: S311 - the same kills each time
    box(tmp_path)
    killed: Counter[str] = Counter()
    acting = 0  # kills after a list was first told
    first = set(steps[0][: steps[0].index("before os.rename")])
    for now, taken in zip((NOW, LATER), steps, strict=True):
        while True:
            # The first steps and those of telling the lists in turn, those of the mails by chance: there are 9,000.
            wanted = set(taken) - set(killed)
            in_turn = wanted & first or (wanted and names(tmp_path / "md" / "cur") == expected["cur"])
            at = 1 if in_turn else source.randint(1, source.choice((20, 20, 320)))
            one = Steps(at=at, wanted=wanted, patience=300 if in_turn else 0, log=tmp_path / "step")
            ended = in_a_child(partial(work, tmp_path, one, now))
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
            killed[(tmp_path / "step").read_text()] += 1
            acting += (tmp_path / "list").exists()
            assert killed.total() < 3 * KILLS, "it does not come to its end"
    assert killed.total() >= KILLS
    assert set(killed) >= {*steps[0], *steps[1]}
    assert state(tmp_path) == expected
    calls = Counter(line for line in (tmp_path / "list").read_text().splitlines() if line.startswith("call "))
    assert calls.total() - len(calls) <= acting * TOGETHER  # only what was cut off is told again

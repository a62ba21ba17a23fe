"""`dsnparse.process`, for people who write their own list software, and the example in the documents."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dsnparse
from dsnparse.config import default
from dsnparse.errors import SourceError
from dsnparse.ledger import LedgerBusyError, Subscription
from dsnparse.ledger.people import Selection
from dsnparse.ledger.sqlite import SqliteLedger
from tests.pipeline.mails import LETTER, bounce, maildir, names

if TYPE_CHECKING:
    from dsnparse import Decision

NOW = datetime(2026, 1, 10, tzinfo=UTC)
DOCUMENT = Path(dsnparse.__file__).parent.parent / "docs" / "library.md"
CONFIG = """
[trust]
return_path = "{list}-bounces+{token}@lists.example.org"

[[trust.keys]]
id = 1
secret_file = "secret"

[[list]]
name = "news"

[ledger]
path = "ledger"
"""


@pytest.fixture
def box(tmp_path: Path) -> Path:
    maildir(tmp_path / "md", {"1": bounce("alice@example.org"), "2": bounce("bob@example.net"), "3": LETTER})
    for name in names(tmp_path / "md" / "new"):
        os.utime(tmp_path / "md" / "new" / name, (NOW.timestamp(), NOW.timestamp()))
    (tmp_path / "secret").write_text("a secret of these tests only\n")
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def blocks() -> list[str]:
    """Return the indented pieces of the document."""
    return re.findall(r"(?:^    .*\n|^\n(?=    ))+", DOCUMENT.read_text("utf-8"), re.MULTILINE)


def unindented(block: str) -> str:
    return "".join(line[4:] if line.strip() else line for line in block.splitlines(keepends=True))


def test_the_example_in_the_documents_runs_and_has_fifteen_lines_at_most(
    box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = unindented(blocks()[0])
    assert len([line for line in example.splitlines() if line.strip()]) <= 15
    monkeypatch.chdir(box)
    with closing(sqlite3.connect("list.sqlite3")) as table, table:
        table.execute("CREATE TABLE subscriber (address TEXT, state TEXT DEFAULT 'on')")
        table.executemany(
            "INSERT INTO subscriber (address) VALUES (?)",
            [("alice@example.org",), ("bob@example.net",), ("zoe@example.net",)],
        )
    code = example.replace("/etc/dsnparse/config.toml", "config.toml").replace("/var/mail/bounces", "md")
    place: dict[str, object] = {}
    head, tail = code.split("summary = ")
    exec(head, place)  # noqa: S102 - our own document
    sender = place["sender"]
    assert callable(sender)
    path = sender("alice@example.org", datetime.now(UTC) - timedelta(hours=26))  # an hour before the report
    received = f"Delivered-To: {path}\nReceived: from x by lists.example.org; Thu, 1 Jan 2026 00:00:00 +0000\n"
    genuine = box / "md" / "new" / "9"
    genuine.write_bytes(received.encode() + bounce("alice@example.org", message_id="news-9@example.org"))
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).timestamp()
    os.utime(genuine, (yesterday, yesterday))
    exec("summary = " + tail, place)  # noqa: S102 - our own document
    assert capsys.readouterr().out == "4 read, 1 carried out, 0 held for a person\n"
    with closing(sqlite3.connect("list.sqlite3")) as table:
        states = dict(table.execute("SELECT address, state FROM subscriber").fetchall())
    # Only the report to the signed return path proves anything; the other one is old and unsigned.
    assert states == {"alice@example.org": "gone", "bob@example.net": "on", "zoe@example.net": "on"}
    table_of_example = place["table"]
    assert isinstance(table_of_example, sqlite3.Connection)
    table_of_example.close()


def test_the_pure_pieces_in_the_documents_run(capsys: pytest.CaptureFixture[str]) -> None:
    exec(unindented(blocks()[1]), {"dsnparse": dsnparse})  # noqa: S102 - our own document
    assert capsys.readouterr().out.startswith("remove ")


def test_each_decision_comes_once_and_not_before_it_is_ripe(box: Path) -> None:
    got: list[Decision] = []
    later = NOW + timedelta(hours=25)
    for now, known in ((NOW + timedelta(hours=1), 0), (later, 2), (later, 2)):
        dsnparse.process(str(box / "md"), on_decision=got.append, ledger=str(box / "ledger"), now=now)
        assert len(got) == known
    assert [(one.address, one.wanted) for one in got] == [
        ("alice@example.org", dsnparse.Wanted.DISABLE),
        ("bob@example.net", dsnparse.Wanted.DISABLE),
    ]
    assert names(box / "md" / "new") == ["3"]


def test_dry_calls_nobody_and_changes_nothing(box: Path) -> None:
    got: list[Decision] = []
    before = sorted(str(path) for path in box.rglob("*"))
    summary = dsnparse.process(
        str(box / "md"), on_decision=got.append, ledger=str(box / "ledger"), live=False, settle=False, now=NOW
    )
    assert (summary.ripe, got) == (2, [])
    assert sorted(str(path) for path in box.rglob("*")) == before


def test_where_the_function_raises_the_same_decision_comes_again_and_the_others_go_on(box: Path) -> None:
    calls: list[tuple[str, str]] = []
    broken = True

    def carry_out(decision: Decision) -> None:
        calls.append((decision.address, decision.id))
        if broken and decision.address == "alice@example.org":
            problem = "my database is away"
            raise OSError(problem)

    def work() -> dsnparse.Summary:
        return dsnparse.process(
            str(box / "md"), on_decision=carry_out, ledger=str(box / "ledger"), settle=False, now=NOW
        )

    summary = work()
    assert [address for address, _ in calls] == ["alice@example.org", "bob@example.net"]
    assert [answer.detail for answer in summary.unsettled] == ["the function raised OSError: my database is away"]
    broken = False
    assert work().acted.total() == 1
    assert calls[2] == calls[0]
    assert (work().acted.total(), len(calls)) == (0, 3)


def test_what_is_taken_back_reaches_the_function(box: Path) -> None:
    got: list[Decision] = []

    def work() -> None:
        dsnparse.process(str(box / "md"), on_decision=got.append, ledger=str(box / "ledger"), settle=False, now=NOW)

    work()
    with SqliteLedger.open(str(box / "ledger")) as ledger:
        ledger.undo(Selection(addresses=("alice@example.org",)), NOW)
    work()
    assert [(one.address, one.wanted) for one in got[2:]] == [("alice@example.org", dsnparse.Wanted.RESTORE)]


def test_a_path_that_cannot_be_read_and_a_ledger_in_use_are_errors_of_their_own(box: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        dsnparse.process(str(box / "nowhere"), ledger=str(box / "ledger"))
    with SqliteLedger.open(str(box / "ledger")), pytest.raises(LedgerBusyError, match="another run"):
        dsnparse.process(str(box / "md"), ledger=str(box / "ledger"))


class Cut(BaseException):
    """The process ends in the middle of a call."""


def cut_off(box: Path) -> None:
    """Let alice's decision reach the list, and no answer the ledger."""

    def carry_out(_: Decision) -> None:
        raise Cut

    with pytest.raises(Cut):
        dsnparse.process(str(box / "md"), on_decision=carry_out, ledger=str(box / "ledger"), settle=False, now=NOW)


def test_what_may_have_reached_the_list_is_not_held_afterwards(box: Path) -> None:
    cut_off(box)
    config = replace(default(), guard=replace(default().guard, number=0))
    summary = dsnparse.process(
        str(box / "md"), on_decision=lambda _: None, config=config, ledger=str(box / "ledger"), settle=False, now=NOW
    )
    assert (summary.acted.total(), summary.held) == (2, 0)


def test_what_may_have_reached_the_list_can_be_taken_back(box: Path) -> None:
    cut_off(box)
    with SqliteLedger.open(str(box / "ledger")) as ledger:
        ledger.undo(Selection(), NOW)
    got: list[Decision] = []
    dsnparse.process(str(box / "md"), on_decision=got.append, ledger=str(box / "ledger"), settle=False, now=NOW)
    assert {one.wanted for one in got} == {dsnparse.Wanted.RESTORE}


def test_what_may_have_reached_the_list_is_taken_back_when_it_is_no_more_wanted(box: Path) -> None:
    cut_off(box)
    with SqliteLedger.open(str(box / "ledger")) as ledger:
        ledger.import_sent([Subscription(address="alice@example.org", since=NOW + timedelta(hours=1))])
    got: list[Decision] = []
    for _ in range(2):
        dsnparse.process(str(box / "md"), on_decision=got.append, ledger=str(box / "ledger"), settle=False, now=NOW)
    assert sorted((one.address, one.wanted) for one in got if one.address == "alice@example.org") == [
        ("alice@example.org", dsnparse.Wanted.RESTORE)
    ]

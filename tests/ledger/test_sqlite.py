from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dsnparse.ledger.sqlite import SqliteLedger
from tests.contracts.ledger import ALICE, HARD, NOW, LedgerContract, decide, record, tell, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestFile(LedgerContract):
    """A file."""

    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[SqliteLedger]:
        with SqliteLedger.open(str(tmp_path / "ledger")) as opened:
            yield opened


class TestCopy(LedgerContract):
    """The private copy of a dry run."""

    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[SqliteLedger]:
        with SqliteLedger.copy(str(tmp_path / "ledger")) as opened:
            yield opened


def test_a_decision_bears_its_evidence(tmp_path: Path) -> None:
    with SqliteLedger.open(str(tmp_path / "ledger")) as ledger:
        decide(ledger, wanted())
        ((evidence,),) = ledger.rows("SELECT evidence FROM decision")
    assert json.loads(str(evidence))["diagnostic"] == "550 5.1.1 User unknown"


def test_a_record_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise KeyboardInterrupt

    with SqliteLedger.open(str(tmp_path / "ledger")) as ledger:
        monkeypatch.setattr("dsnparse.ledger.mails._insert", broken)
        with pytest.raises(KeyboardInterrupt):
            record(ledger, HARD)
        assert ledger.known(b"1") is None
        monkeypatch.undo()
        assert record(ledger, HARD) == (True,)


def test_everything_is_there_after_the_file_was_closed(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger")
    with SqliteLedger.open(path) as first:
        decide(first, wanted())
        tell(first)
    with SqliteLedger.open(path) as second:
        current = second.current(ALICE, "news")
        assert current is not None
        assert (current.decision, current.done) == (wanted(), True)
        assert second.past(ALICE, "news", NOW).events == (HARD,)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dsnparse.ledger import Known, MailRecord, State
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.model import BounceType, Decision, Event, Kind, Reason, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HARD = Event(
    address="alice@example.org",
    original="news-1@example.org",
    at=NOW,
    bounce_type=BounceType.HARD,
    reason=Reason.USER_UNKNOWN,
    status="5.1.1",
    reply_code="550",
    diagnostic="550 5.1.1 User unknown",
    remote_mta="mx.example.org",
    reporting_mta="mail.example.com",
    rule="code",
    evidence="User unknown",
    list_id="news.example.com",
)
SOFT = replace(HARD, bounce_type=BounceType.SOFT, reason=Reason.MAILBOX_FULL, status="5.2.2")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with SqliteLedger.open(str(tmp_path / "ledger")) as opened:
        yield opened


def record(ledger: SqliteLedger, *events: Event, digest: bytes = b"1", state: State = State.JUDGED) -> tuple[bool, ...]:
    mail = MailRecord(digest=digest, state=state, kind=Kind.BOUNCE, source="new/1", events=events)
    return ledger.record([mail], NOW)[0]


def decision(event: Event = HARD, *, held: bool = False) -> Decision:
    return Decision(address=event.address, wanted=Wanted.REMOVE, held=held, why="dead", event=event)


def journal(ledger: SqliteLedger) -> list[tuple[object, ...]]:
    return ledger._rows("SELECT what, adapter, detail FROM journal ORDER BY id")  # noqa: SLF001 - nobody else reads it yet


def test_a_mail_is_known_once_it_was_recorded(ledger: SqliteLedger) -> None:
    assert ledger.known(b"1") is None
    record(ledger, digest=b"1", state=State.PERSON)
    assert ledger.known(b"1") == Known(state=State.PERSON, kind=Kind.BOUNCE, listed=False)
    ledger.mark_listed([b"1"], NOW)
    assert ledger.known(b"1") == Known(state=State.PERSON, kind=Kind.BOUNCE, listed=True)


def test_an_event_is_written_once_however_many_reports_tell_of_it(ledger: SqliteLedger) -> None:
    assert record(ledger, HARD, digest=b"1") == (True,)
    assert record(ledger, HARD, digest=b"2") == (False,)
    assert record(ledger, replace(HARD, original="news-2@example.org"), digest=b"3") == (True,)
    assert record(ledger, replace(HARD, address="bob@example.org"), digest=b"4") == (True,)


@pytest.mark.parametrize("order", [(HARD, SOFT), (SOFT, HARD)])
def test_of_two_reports_of_one_failure_the_hard_one_counts(ledger: SqliteLedger, order: tuple[Event, Event]) -> None:
    record(ledger, order[0], digest=b"1")
    assert record(ledger, order[1], digest=b"2") == (order[1] is HARD,)
    assert list(ledger.undecided()) == [HARD]


def test_an_event_comes_back_as_it_was_written(ledger: SqliteLedger) -> None:
    record(ledger, HARD)
    assert list(ledger.undecided()) == [HARD]


def test_only_hard_events_of_addresses_without_a_decision_are_undecided_in_order(ledger: SqliteLedger) -> None:
    zoe, bob = (replace(HARD, address=f"{name}@example.org") for name in ("zoe", "bob"))
    record(ledger, zoe, SOFT, bob, replace(zoe, original="news-2@example.org"))
    assert list(ledger.undecided()) == [zoe, bob]
    ledger.intend([decision(zoe)], NOW)
    assert list(ledger.undecided()) == [bob]


def test_a_decision_is_written_once(ledger: SqliteLedger) -> None:
    record(ledger, HARD)
    ledger.intend([decision()], NOW)
    ledger.intend([decision()], NOW)
    assert list(ledger.in_force()) == [decision()]
    assert ledger.decision("alice@example.org") == decision()
    assert ledger.decision("bob@example.org") is None
    assert journal(ledger) == [("intended", None, "dead")]


def test_a_decision_bears_its_evidence(ledger: SqliteLedger) -> None:
    record(ledger, HARD)
    ledger.intend([decision()], NOW)
    ((evidence,),) = ledger._rows("SELECT evidence FROM decision")  # noqa: SLF001 - nobody else reads it yet
    assert json.loads(str(evidence))["diagnostic"] == "550 5.1.1 User unknown"


def test_what_is_held_is_not_in_force_until_it_is_decided_again(ledger: SqliteLedger) -> None:
    record(ledger, HARD)
    ledger.intend([decision(held=True)], NOW)
    assert (list(ledger.held()), list(ledger.in_force())) == ([decision(held=True)], [])
    ledger.intend([decision()], NOW)
    assert (list(ledger.held()), list(ledger.in_force())) == ([], [decision()])
    assert [row[0] for row in journal(ledger)] == ["held", "intended"]


def test_what_is_in_force_is_not_held_afterwards(ledger: SqliteLedger) -> None:
    record(ledger, HARD)
    ledger.intend([decision()], NOW)
    ledger.intend([decision(held=True)], NOW)
    assert list(ledger.in_force()) == [decision()]


def test_a_decision_without_its_event_is_not_written(ledger: SqliteLedger) -> None:
    ledger.intend([decision()], NOW)
    assert list(ledger.in_force()) == []


def test_attempts_are_journalled_until_one_settles_it(ledger: SqliteLedger) -> None:
    record(ledger, HARD)
    ledger.intend([decision()], NOW)
    for outcome in ("retry", "retry", "done", "already", "retry"):
        ledger.settle("file:a", [(decision(), outcome, "why")], NOW)
    ledger.settle("file:b", [(decision(), "already", "")], NOW)
    assert journal(ledger)[1:] == [
        ("retry", "file:a", "why"),
        ("retry", "file:a", "why"),
        ("done", "file:a", "why"),
        ("already", "file:b", ""),
    ]


def test_text_that_is_no_unicode_and_text_that_looks_like_sql_is_only_text(ledger: SqliteLedger) -> None:
    odd = replace(HARD, original="'); DROP TABLE event; --\udcff\x00", diagnostic="\ud800")
    assert record(ledger, odd) == (True,)
    assert record(ledger, odd, digest=b"2") == (False,)
    ledger.intend([decision(odd)], NOW)
    ledger.intend([decision(odd)], NOW)
    assert len(list(ledger.in_force())) == 1


def test_a_record_that_fails_leaves_nothing_behind(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("dsnparse.ledger.sqlite._insert", broken)
    with pytest.raises(KeyboardInterrupt):
        record(ledger, HARD)
    assert ledger.known(b"1") is None
    monkeypatch.undo()
    assert record(ledger, HARD) == (True,)


def test_everything_is_there_after_the_file_was_closed(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger")
    with SqliteLedger.open(path) as first:
        record(first, HARD)
        first.intend([decision()], NOW)
    with SqliteLedger.open(path) as second:
        assert list(second.in_force()) == [decision()]
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Answer, Outcome
from dsnparse.ledger import State
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.model import Defect, Kind, Report
from dsnparse.pipeline import Deed, Line, Summary, run
from dsnparse.sources import read_path
from tests.pipeline.mails import FULL, LETTER, SILENT, bounce, maildir, names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter
    from dsnparse.model import Decision

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Double:
    """An adapter that remembers what it was told."""

    name = "double:"

    def __init__(self, outcome: Outcome = Outcome.DONE) -> None:
        self.outcome = outcome
        self.calls: list[list[str]] = []

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Remember the addresses."""
        self.calls.append([decision.address for decision in decisions])
        return [Answer(outcome=self.outcome, detail="why")] * len(decisions)


class Box:
    """A Maildir, a ledger, and what the last run told."""

    def __init__(self, folder: Path, mails: dict[str, bytes]) -> None:
        self.maildir = maildir(folder / "md", mails)
        self.ledger = str(folder / "ledger")
        self.lines: list[Line] = []

    def run(self, *adapters: Adapter, live: bool = True, cap: int = 100, release: bool = False) -> Summary:
        """Run over the Maildir."""
        self.lines = []
        opened = SqliteLedger.open(self.ledger) if live else SqliteLedger.copy(self.ledger)
        with opened as ledger:
            found = read_path(str(self.maildir))
            return run(found, ledger, adapters, live=live, now=NOW, tell=self.lines.append, cap=cap, release=release)

    def deeds(self) -> list[tuple[str | None, Deed]]:
        """Return what the last run told."""
        return [(line.address, line.deed) for line in self.lines]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(
        tmp_path,
        {
            "1": bounce("alice@example.org"),
            "2": bounce("bob@example.org", FULL),
            "3": LETTER,
            "4": bounce("carol@example.org", SILENT),
            "5": bounce("dave@example.org", FULL, action="delayed"),
        },
    )


def test_a_run_tells_of_each_recipient_and_of_what_is_left(box: Box) -> None:
    summary = box.run(Double())
    assert box.deeds() == [
        ("alice@example.org", Deed.REMOVE),
        ("bob@example.org", Deed.NOTHING),
        (None, Deed.PERSON),
        ("carol@example.org", Deed.NOTHING),
        (None, Deed.PERSON),
        ("dave@example.org", Deed.NOTHING),
    ]
    assert [line.note for line in box.lines if line.note] == ["no report", "does not say why"]
    assert summary == Summary(
        read=5,
        kinds={Kind.BOUNCE: 3, Kind.OTHER: 1, Kind.DELAYED: 1},  # type: ignore[arg-type] # equal to a Counter
        states={State.JUDGED: 3, State.PERSON: 1, State.NOT_UNDERSTOOD: 1},  # type: ignore[arg-type] # likewise
        dead={"alice@example.org"},
        new_events=3,
        removals=1,
        newly_listed=2,
        moved=3,
    )


def test_what_was_judged_moves_and_what_a_person_must_see_stays(box: Box) -> None:
    box.run()
    assert names(box.maildir / "new") == ["3", "4"]
    assert names(box.maildir / "cur") == ["1:2,", "2:2,", "5:2,"]


def test_the_second_run_finds_nothing_new_and_lists_nothing_again(box: Box) -> None:
    box.run(Double())
    adapter = Double(Outcome.ALREADY)
    summary = box.run(adapter)
    assert box.lines == []
    assert summary == Summary(read=5, known=5, left=2)
    assert adapter.calls == [["alice@example.org"]]


def test_a_dry_run_tells_the_same_and_changes_nothing(box: Box, tmp_path: Path) -> None:
    adapter = Double()
    dry = box.run(adapter, live=False)
    deeds = box.deeds()
    assert (dry.moved, adapter.calls, names(tmp_path), names(box.maildir / "cur")) == (0, [], ["md"], [])
    live = box.run(adapter)
    assert box.deeds() == deeds
    assert (dry.dead, dry.removals, dry.new_events) == (live.dead, live.removals, live.new_events)


def test_a_dry_run_after_a_live_one_tells_only_what_is_new(box: Box) -> None:
    box.run()
    (box.maildir / "new" / "9").write_bytes(bounce("zoe@example.org"))
    summary = box.run(live=False)
    assert box.deeds() == [("zoe@example.org", Deed.REMOVE)]
    assert (summary.read, summary.known) == (6, 5)


def test_two_reports_of_one_failure_are_one_event(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org"), "2": bounce("alice@example.org", report="2")})
    summary = box.run()
    assert (summary.read, summary.new_events, summary.removals, summary.moved) == (2, 1, 1, 2)


def test_the_same_mail_twice_is_read_once(tmp_path: Path) -> None:
    raw = bounce("alice@example.org", message_id=None)
    box = Box(tmp_path, {"1": raw, "2": raw})
    summary = box.run()
    assert (summary.read, summary.known, summary.new_events, summary.moved) == (2, 1, 1, 2)


def test_what_goes_beyond_the_cap_is_held_until_a_person_lets_it_go(tmp_path: Path) -> None:
    box = Box(tmp_path, {str(number): bounce(f"a{number}@example.org") for number in range(103)})
    first = Double()
    summary = box.run(first)
    assert (summary.removals, summary.held, summary.newly_held) == (100, 3, 3)
    assert len(first.calls[0]) == 100
    assert [deed for _, deed in box.deeds()].count(Deed.HELD) == 3
    summary = box.run(Double(Outcome.ALREADY), cap=1000)
    assert (summary.removals, summary.held, summary.newly_held, box.lines) == (0, 3, 0, [])
    summary = box.run(Double(), cap=2, release=True)
    assert (summary.removals, summary.held, summary.newly_held) == (2, 1, 0)
    assert [deed for _, deed in box.deeds()] == [Deed.REMOVE, Deed.REMOVE, Deed.HELD]
    last = Double()
    summary = box.run(last, release=True)
    assert (summary.removals, summary.held) == (1, 0)
    assert len(last.calls[0]) == 103


def test_another_failure_of_a_held_address_leaves_it_held(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    box.run(cap=0)
    (box.maildir / "new" / "2").write_bytes(bounce("alice@example.org", message_id="news-2@example.org"))
    summary = box.run()
    assert box.deeds() == [("alice@example.org", Deed.HELD)]
    assert (summary.removals, summary.held, summary.newly_held) == (0, 1, 0)


@pytest.mark.parametrize("runs", [1, 2])
def test_an_alias_with_a_dead_member_is_held_until_it_fails_itself(tmp_path: Path, runs: int) -> None:
    passed_on = bounce("member@example.net").replace(b"rfc822;member@example.net", b"rfc822;team@example.org")
    box = Box(tmp_path, {"1": passed_on})
    itself = bounce("team@example.org", message_id="news-2@example.org")
    if runs == 2:
        assert (box.run().held, box.deeds()) == (1, [("team@example.org", Deed.HELD)])
        (box.maildir / "new" / "2").write_bytes(itself)
    else:
        (box.maildir / "new" / "2").write_bytes(itself)
    adapter = Double()
    summary = box.run(adapter)
    assert box.deeds()[-1] == ("team@example.org", Deed.REMOVE)
    assert (summary.removals, summary.held, adapter.calls) == (1, 0, [["team@example.org"]])


def test_a_person_may_let_an_alias_go(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("x@example.net").replace(b"rfc822;x@example.net", b"rfc822;team@example.org")})
    box.run()
    summary = box.run(release=True)
    assert box.deeds() == [("team@example.org", Deed.REMOVE)]
    assert (summary.removals, summary.held) == (1, 0)
    assert box.run(release=True).held == 0


def test_an_address_that_was_removed_before_is_not_counted_again(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    box.run()
    (box.maildir / "new" / "2").write_bytes(bounce("alice@example.org", message_id="news-2@example.org"))
    summary = box.run(cap=0)
    assert box.deeds() == [("alice@example.org", Deed.REMOVED)]
    assert (summary.new_events, summary.removals, summary.held) == (1, 0, 0)


def test_a_mail_with_one_open_recipient_stays_and_its_dead_one_is_acted_on(tmp_path: Path) -> None:
    group = "\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.0.0\n"
    raw = bounce("alice@example.org").replace(
        b"\n\n--b\nContent-Type: text/rfc822", f"\n{group}\n--b\nContent-Type: text/rfc822".encode()
    )
    box = Box(tmp_path, {"1": raw})
    box.run(Double())
    assert box.deeds() == [
        ("alice@example.org", Deed.REMOVE),
        ("bob@example.org", Deed.NOTHING),
        (None, Deed.PERSON),
    ]
    assert names(box.maildir / "new") == ["1"]


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.REFUSED, Outcome.BAD_REQUEST])
def test_what_an_adapter_could_not_do_is_told_and_tried_again(tmp_path: Path, outcome: Outcome) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    assert box.run(Double(outcome)).unsettled == [Answer(outcome=outcome, detail="why")]
    adapter = Double()
    assert box.run(adapter).unsettled == []
    assert adapter.calls == [["alice@example.org"]]


def test_a_mail_that_cannot_be_moved_is_tried_again(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    (box.maildir / "cur" / "1:2,").write_bytes(LETTER)
    assert box.run().unmoved == 1
    assert "cannot be moved to cur/" in caplog.text
    (box.maildir / "cur" / "1:2,").unlink()
    assert box.run().moved == 1


def test_a_mail_that_was_recorded_but_not_moved_is_moved_by_the_next_run(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(path: str) -> str:
        raise KeyboardInterrupt(path)

    monkeypatch.setattr("dsnparse.pipeline.running.move_to_cur", move)
    with pytest.raises(KeyboardInterrupt):
        box.run()
    monkeypatch.undo()
    adapter = Double()
    summary = box.run(adapter)
    assert (summary.known, summary.moved, summary.removals, summary.newly_listed) == (5, 3, 1, 2)
    assert adapter.calls == [["alice@example.org"]]


def test_an_unreadable_mail_is_counted_and_the_rest_goes_on(
    box: Box, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = os.open

    def refuse(path: str, *rest: int) -> object:
        if str(path).endswith("/new/2"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest)

    monkeypatch.setattr("os.open", refuse)
    summary = box.run()
    assert (summary.read, summary.unreadable) == (4, 1)
    assert "new/2: cannot be read: Permission denied" in caplog.text


def test_a_mail_on_which_dsnparse_fails_is_named_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Report(defects=(Defect(code="internal_error", detail="Traceback ..."),))
    monkeypatch.setattr("dsnparse.pipeline.intake.parse", lambda _: broken)
    box = Box(tmp_path, {"1": b"poison"})
    assert box.run().failed_on == [str(box.maildir / "new" / "1")]
    assert "Traceback ..." in caplog.text
    assert names(box.maildir / "new") == ["1"]


def test_a_batch_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsnparse.pipeline.running._BATCH", 3)
    box = Box(tmp_path, {str(number): bounce(f"a{number}@example.org") for number in range(10)})
    adapter = Double()
    assert box.run(adapter).moved == 10
    assert adapter.calls == [[f"a{number}@example.org" for number in range(10)]]

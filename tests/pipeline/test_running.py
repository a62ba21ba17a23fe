from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dsnparse.adapters import Answer, Outcome
from dsnparse.config import Config, ListSettings, Route, default
from dsnparse.ledger import Age, State, Subscription
from dsnparse.ledger.people import Selection
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.model import Defect, Guard, Kind, Report, Wanted
from dsnparse.pipeline import Deed, Line, Summary, run
from dsnparse.policy import preset
from dsnparse.sources import read_path
from tests.pipeline.mails import FULL, LETTER, SILENT, bounce, maildir, names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dsnparse.model import Decision

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Double:
    """An adapter that remembers what it was told."""

    name = "double:"

    def __init__(self, outcome: Outcome = Outcome.DONE) -> None:
        self.outcome = outcome
        self.calls: list[list[tuple[str, Wanted]]] = []

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Remember the addresses."""
        self.calls.append([(decision.address, decision.wanted) for decision in decisions])
        return [Answer(outcome=self.outcome, detail="why")] * len(decisions)

    def check(self) -> Answer:
        """Nothing can be wrong."""
        return Answer(outcome=Outcome.DONE)

    @property
    def told(self) -> list[tuple[str, Wanted]]:
        """Return all that it was told."""
        return [one for call in self.calls for one in call]


class Box:
    """A Maildir, a ledger, and what the last run told."""

    def __init__(self, folder: Path, mails: dict[str, bytes]) -> None:
        self.maildir = maildir(folder / "md", mails)
        self.ledger = str(folder / "ledger")
        self.lines: list[Line] = []
        self.now = NOW
        self.config: Config = replace(default(), policy=preset("esp"), retention=Age())

    def put(self, name: str, raw: bytes) -> None:
        """Put a mail into new/, as it came now."""
        path = self.maildir / "new" / name
        path.write_bytes(raw)
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))

    def run(
        self,
        *adapters: Double,
        live: bool = True,
        unripe: bool = True,
        lists: tuple[str, ...] = (),
        **guard: Any,  # noqa: ANN401 - the fields of GuardSettings
    ) -> Summary:
        """Run over the Maildir, with other settings of the guard."""
        self.lines = []
        routes = tuple(Route(adapter=adapter, lists=lists) for adapter in adapters)
        config = replace(self.config, adapters=routes, guard=replace(self.config.guard, **guard))
        opened = SqliteLedger.open(self.ledger) if live else SqliteLedger.copy(self.ledger)
        with opened as ledger:
            found = read_path(str(self.maildir))
            return run(found, ledger, config, live=live, now=self.now, tell=self.lines.append, unripe=unripe)

    def deeds(self) -> list[tuple[str | None, Deed]]:
        """Return what the last run told."""
        return [(line.address, line.deed) for line in self.lines]

    def open(self) -> SqliteLedger:
        """Open the ledger."""
        return SqliteLedger.open(self.ledger)


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
        ("alice@example.org", Deed.DISABLE),
        ("bob@example.org", Deed.NOTHING),
        (None, Deed.PERSON),
        ("carol@example.org", Deed.NOTHING),
        (None, Deed.PERSON),
        ("dave@example.org", Deed.NOTHING),
    ]
    assert [line.note for line in box.lines if line.note] == ["no report", "does not say why"]
    assert summary.kinds == {Kind.BOUNCE: 3, Kind.OTHER: 1, Kind.DELAYED: 1}
    assert summary.states == {State.JUDGED: 3, State.PERSON: 1, State.NOT_UNDERSTOOD: 1}
    assert (summary.read, summary.new_events, summary.newly_listed, summary.moved) == (5, 3, 2, 3)
    assert (summary.decided, summary.acted) == ({Wanted.DISABLE: 1}, {Wanted.DISABLE: 1})
    assert summary.unproven


def test_what_was_judged_moves_and_what_a_person_must_see_stays(box: Box) -> None:
    box.run()
    assert names(box.maildir / "new") == ["3", "4"]
    assert names(box.maildir / "cur") == ["1:2,", "2:2,", "5:2,"]


def test_the_second_run_finds_nothing_new_and_tells_nobody_again(box: Box) -> None:
    box.run(Double())
    adapter = Double()
    summary = box.run(adapter)
    assert box.lines == []
    assert summary == Summary(live=True, read=5, known=5, left=2, unproven=True)
    assert adapter.calls == []


def test_an_adapter_that_is_new_is_told_what_others_were_told(box: Box) -> None:
    box.run(Double())
    new = Double()
    new.name = "double:new"
    box.run(Double(), new)
    assert new.told == [("alice@example.org", Wanted.DISABLE)]


def test_a_dry_run_tells_the_same_and_changes_nothing(box: Box, tmp_path: Path) -> None:
    adapter = Double()
    dry = box.run(adapter, live=False)
    deeds = box.deeds()
    assert (dry.moved, adapter.calls, names(tmp_path), names(box.maildir / "cur")) == (0, [], ["md"], [])
    live = box.run(adapter)
    assert box.deeds() == deeds
    assert (dry.decided, dry.new_events, dry.ripe) == (live.decided, live.new_events, live.ripe)


def test_a_dry_run_after_a_live_one_tells_only_what_is_new(box: Box) -> None:
    box.run()
    box.put("9", bounce("zoe@example.org"))
    summary = box.run(live=False)
    assert box.deeds() == [("zoe@example.org", Deed.DISABLE)]
    assert (summary.read, summary.known) == (6, 5)


def test_two_reports_of_one_failure_are_one_event(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org"), "2": bounce("alice@example.org", report="2")})
    summary = box.run()
    assert (summary.read, summary.new_events, summary.decided[Wanted.DISABLE]) == (2, 1, 1)


def test_the_same_mail_twice_is_read_once(tmp_path: Path) -> None:
    raw = bounce("alice@example.org", message_id=None)
    box = Box(tmp_path, {"1": raw, "2": raw})
    summary = box.run()
    assert (summary.read, summary.known, summary.new_events, summary.moved) == (2, 1, 1, 2)


def test_what_is_decided_is_done_when_it_is_ripe(tmp_path: Path) -> None:
    box = Box(tmp_path, {})
    box.put("1", bounce("alice@example.org"))
    adapter = Double()
    summary = box.run(adapter, unripe=False)
    assert (summary.ripening, summary.ripe, adapter.told) == (1, 0, [])
    box.now += timedelta(hours=23)
    assert box.run(adapter, unripe=False).ripening == 1
    box.now += timedelta(hours=2)
    summary = box.run(adapter, unripe=False)
    assert (summary.ripening, summary.ripe, adapter.told) == (0, 1, [("alice@example.org", Wanted.DISABLE)])


def test_what_goes_beyond_a_cap_is_held_until_a_person_lets_it_go(tmp_path: Path) -> None:
    box = Box(tmp_path, {str(number): bounce(f"a{number}@d{number}.example.org") for number in range(13)})
    first = Double()
    summary = box.run(first, number=10, storm=False)
    assert (summary.acted[Wanted.DISABLE], summary.held, summary.newly_held, len(first.told)) == (10, 3, 3, 10)
    assert [decision.held for decision in summary.held_now] == [Guard.CAP] * 3
    summary = box.run(first, number=10, storm=False)
    assert (summary.acted, summary.held, summary.newly_held) == ({}, 3, 0)
    with box.open() as ledger:
        assert len(ledger.release(Selection(), NOW)) == 3
    summary = box.run(first, number=0, storm=False)
    assert (summary.acted[Wanted.DISABLE], summary.held, len(first.told)) == (3, 0, 13)


def test_a_cap_counts_what_the_runs_of_the_last_day_did(tmp_path: Path) -> None:
    box = Box(tmp_path, {})
    for number in range(3):
        box.put(str(number), bounce(f"a{number}@d{number}.example.org"))
        box.now += timedelta(hours=7)
        assert box.run(Double(), number=2).newly_held == (number == 2)
    box.now += timedelta(hours=20)
    box.put("9", bounce("a9@d9.example.org"))
    assert box.run(Double(), number=2).newly_held == 0


def test_another_failure_of_a_held_address_leaves_it_held(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    box.run(number=0)
    box.put("2", bounce("alice@example.org", message_id="news-2@example.org"))
    box.run(number=0)
    assert box.deeds() == [("alice@example.org", Deed.HELD)]
    with box.open() as ledger:
        assert [decision.address for decision in ledger.held()] == ["alice@example.org"]


@pytest.mark.parametrize("runs", [1, 2])
def test_an_alias_with_a_dead_member_is_held_until_it_fails_itself(tmp_path: Path, runs: int) -> None:
    passed_on = bounce("member@example.net").replace(b"rfc822;member@example.net", b"rfc822;team@example.org")
    box = Box(tmp_path, {"1": passed_on})
    itself = bounce("team@example.org", message_id="news-2@example.org")
    if runs == 2:
        assert (box.run().held, box.deeds()) == (1, [("team@example.org", Deed.HELD)])
    box.put("2", itself)
    adapter = Double()
    summary = box.run(adapter)
    assert box.deeds()[-1] == ("team@example.org", Deed.DISABLE)
    assert (summary.held, adapter.told) == (0, [("team@example.org", Wanted.DISABLE)])


def test_a_protected_address_is_held_even_if_it_was_decided_before_it_was_protected(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org"), "2": bounce("Owner@example.org")})
    box.config = replace(box.config, protect=("owner@example.org",))
    assert [decision.held for decision in box.run(unripe=False).held_now] == [Guard.PROTECTED]
    box.config = replace(box.config, protect=("owner@example.org", "alice@example.org"))
    adapter = Double()
    assert [decision.address for decision in box.run(adapter).held_now] == ["alice@example.org"]
    assert adapter.told == []


def test_an_address_that_was_disabled_before_is_not_told_of_again(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    box.run(Double())
    box.put("2", bounce("alice@example.org", message_id="news-2@example.org"))
    adapter = Double()
    summary = box.run(adapter)
    assert box.deeds() == [("alice@example.org", Deed.DISABLED)]
    assert (summary.new_events, summary.decided, adapter.told) == (1, {}, [])


def test_a_disable_ends_by_itself_and_only_where_it_was_done(tmp_path: Path) -> None:
    box = Box(tmp_path, {})
    for number in range(5):
        box.put(str(number), bounce("bob@example.org", FULL, message_id=f"news-{number}@example.org"))
        box.now += timedelta(days=1, hours=1)
    done, already = Double(), Double(Outcome.ALREADY)
    already.name = "double:already"
    box.run(done, already)
    assert done.told == already.told == [("bob@example.org", Wanted.DISABLE)]
    box.now += timedelta(days=40)
    summary = box.run(done, already)
    assert (summary.acted, done.told[1:], already.told[1:]) == (
        {Wanted.RESTORE: 1},
        [("bob@example.org", Wanted.RESTORE)],
        [],
    )
    assert box.run(done, already).acted == {}


def test_what_a_person_takes_back_is_put_back_once(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    adapter = Double()
    box.run(adapter)
    with box.open() as ledger:
        assert [decision.address for decision in ledger.undo(Selection(), NOW)] == ["alice@example.org"]
    for _ in range(2):
        box.run(adapter)
        assert adapter.told[1:] == [("alice@example.org", Wanted.RESTORE)]
    box.now += timedelta(days=1)
    box.put("2", bounce("alice@example.org", message_id="news-2@example.org"))
    box.run(adapter)
    assert adapter.told[2:] == [("alice@example.org", Wanted.DISABLE)]


def test_a_mail_with_one_open_recipient_stays_and_its_dead_one_is_acted_on(tmp_path: Path) -> None:
    group = "\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.0.0\n"
    raw = bounce("alice@example.org").replace(
        b"\n\n--b\nContent-Type: text/rfc822", f"\n{group}\n--b\nContent-Type: text/rfc822".encode()
    )
    box = Box(tmp_path, {"1": raw})
    box.run(Double())
    assert box.deeds() == [
        ("alice@example.org", Deed.DISABLE),
        ("bob@example.org", Deed.NOTHING),
        (None, Deed.PERSON),
    ]
    assert names(box.maildir / "new") == ["1"]


@pytest.mark.parametrize("outcome", [Outcome.RETRY, Outcome.REFUSED])
def test_what_an_adapter_could_not_do_is_told_and_tried_again(tmp_path: Path, outcome: Outcome) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    assert box.run(Double(outcome)).unsettled == {Answer(outcome=outcome, detail="why"): 1}
    adapter = Double()
    summary = box.run(adapter)
    assert (summary.unsettled, adapter.told) == ({}, [("alice@example.org", Wanted.DISABLE)])


def test_a_server_that_stays_away_is_asked_less_and_less(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    adapter = Double(Outcome.RETRY)
    for _ in range(5):
        box.run(adapter)
    assert len(adapter.calls) == 3
    box.now += timedelta(minutes=11)
    box.run(adapter)
    assert len(adapter.calls) == 4


def test_what_cannot_be_done_is_told_once(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    assert len(box.run(Double(Outcome.BAD_REQUEST)).unsettled) == 1
    adapter = Double()
    assert (box.run(adapter).unsettled, adapter.calls) == ({}, [])


def test_a_new_subscription_takes_back_what_was_done(tmp_path: Path) -> None:
    box = Box(tmp_path, {})
    box.put("1", bounce("alice@example.org"))
    adapter = Double()
    box.run(adapter)
    box.now += timedelta(days=3)
    with box.open() as ledger:
        ledger.import_sent([Subscription(address="alice@example.org", since=box.now - timedelta(days=1))])
    box.run(adapter)
    assert adapter.told[1:] == [("alice@example.org", Wanted.RESTORE)]
    box.put("2", bounce("alice@example.org", message_id="news-2@example.org"))
    box.run(adapter)
    assert adapter.told[2:] == []  # that a list of sent mail is there, this report is not proved by it


def test_a_lists_owner_is_protected_where_the_list_is_not_known(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("owner@example.org")})
    box.config = replace(box.config, lists=(ListSettings(name="news", protect=("owner@example.org",)),))
    adapter = Double()
    assert [decision.held for decision in box.run(adapter).held_now] == [Guard.PROTECTED]
    assert adapter.told == []


def test_what_no_adapter_takes_is_told(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    adapter = Double()
    box.config = replace(box.config, lists=(ListSettings(name="news"), ListSettings(name="other")))
    summary = box.run(adapter, lists=("news",))
    assert (summary.untold, adapter.told) == (1, [])


def test_a_released_bad_day_is_believed_and_does_not_hide_the_next(tmp_path: Path) -> None:
    box = Box(tmp_path, {})
    adapter = Double()
    for number in range(30):
        box.put(f"a{number}", bounce(f"a{number}@example.org"))
    assert [storm.group for storm, _ in box.run(adapter).storms] == ["domain:example.org"]
    assert (box.run(adapter).storms, adapter.told) == ([], [])
    with box.open() as ledger:
        assert ledger.release_storm("domain:example.org", box.now) == 1
    box.run(adapter, per_domain=1000)
    assert len(adapter.told) == 30
    box.now += timedelta(days=3)
    for number in range(40):
        box.put(f"b{number}", bounce(f"b{number}@example.org"))
    assert [storm.group for storm, _ in box.run(adapter, per_domain=1000).storms] == ["domain:example.org"]
    assert len(adapter.told) == 30


def test_an_adapter_that_raises_stops_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Double):
        name = "double:broken"

        def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
            raise ZeroDivisionError(len(decisions))

    class Short(Double):
        name = "double:short"

        def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
            return super().apply(decisions)[1:]

    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    adapter = Double()
    summary = box.run(Broken(), Short(), adapter)
    assert len(adapter.told) == 1
    assert {answer.outcome for answer in summary.unsettled} == {Outcome.RETRY}
    assert "double:broken failed" in caplog.text


def test_a_mail_older_than_the_ledger_looks_back_is_left_alone(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    box.config = replace(box.config, retention=Age(mails=timedelta(days=400)))
    os.utime(box.maildir / "new" / "1", (1_600_000_000, 1_600_000_000))
    summary = box.run()
    assert (summary.read, summary.old, summary.new_events, names(box.maildir / "new")) == (1, 1, 0, ["1"])


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
    assert (summary.known, summary.moved, summary.newly_listed) == (5, 3, 2)
    assert adapter.told == [("alice@example.org", Wanted.DISABLE)]


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
    monkeypatch.setattr("dsnparse.pipeline.running.parse", lambda *_, **__: broken)
    box = Box(tmp_path, {"1": b"poison"})
    assert box.run().failed_on == [str(box.maildir / "new" / "1")]
    assert "Traceback ..." in caplog.text
    assert names(box.maildir / "new") == ["1"]


def test_a_batch_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsnparse.pipeline.running._BATCH", 3)
    box = Box(tmp_path, {str(number): bounce(f"a{number}@example.org") for number in range(10)})
    adapter = Double()
    assert box.run(adapter).moved == 10
    assert adapter.told == [(f"a{number}@example.org", Wanted.DISABLE) for number in range(10)]


def test_a_report_that_returns_no_header_is_of_the_only_list(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce("alice@example.org")})
    box.config = replace(box.config, lists=(ListSettings(name="news"),))
    adapter = Double()
    box.run(adapter, lists=("news",))
    assert adapter.told == [("alice@example.org", Wanted.DISABLE)]

"""What every ledger keeps to; its tests inherit this class and say how to open one."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dsnparse.ledger import Age, Known, Ledger, MailRecord, State, Subscription
from dsnparse.model import BounceType, Decision, Event, Guard, Kind, Reason, Trust, Wanted
from dsnparse.policy import Storm
from dsnparse.trust import SentRow

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 1, 20, 3, 4, 5, tzinfo=UTC)
DAY = timedelta(days=1)
ALICE = "alice@example.org"
HARD = Event(
    address=ALICE,
    list="news",
    original="news-1@example.org",
    at=NOW,
    trust=Trust.WEAK,
    bounce_type=BounceType.HARD,
    reason=Reason.USER_UNKNOWN,
    status="5.1.1",
    reply_code="550",
    diagnostic="550 5.1.1 User unknown",
    remote_mta="mx1.example.net",
    reporting_mta="mail.example.com",
    rule="code",
    evidence="User unknown",
)
SOFT = replace(HARD, bounce_type=BounceType.SOFT, reason=Reason.MAILBOX_FULL, status="5.2.2")


def record(ledger: Ledger, *events: Event, digest: bytes = b"1", state: State = State.JUDGED) -> tuple[bool, ...]:
    """Record one mail with these events."""
    mail = MailRecord(digest=digest, state=state, kind=Kind.BOUNCE, source="new/1", events=events)
    return ledger.record([mail], NOW)[0]


def wanted(event: Event = HARD, what: Wanted = Wanted.REMOVE, **more: object) -> Decision:
    """Return a decision on the address of an event."""
    known: dict[str, object] = {"address": event.address, "list": event.list, "why": "dead"}
    return Decision(event=event, wanted=what, **(known | more))  # type: ignore[arg-type] # the fields by name


def decide(ledger: Ledger, *decisions: Decision) -> None:
    """Record and decide."""
    for number, decision in enumerate(decisions):
        record(ledger, decision.event, digest=b"d%d" % number + decision.id.encode())
        ledger.decide(decision, NOW)


def tell(ledger: Ledger, outcome: str = "done", adapter: str = "double:", now: datetime = NOW) -> list[Decision]:
    """Act as a run does with one adapter; return what it was told."""
    ledger.dispatch(adapter, (), now)
    due = ledger.due(adapter, now, 100)
    ledger.settle(adapter, [(one, outcome, "why") for one in due], now)
    list(ledger.finish([adapter], now))
    return [one.decision for one in due]


class LedgerContract(ABC):
    """The tests."""

    @abstractmethod
    @pytest.fixture
    def ledger(self) -> Iterator[Ledger]:
        """Yield an empty ledger."""

    # mails and events

    def test_a_mail_is_known_once_it_was_recorded(self, ledger: Ledger) -> None:
        assert ledger.known(b"1") is None
        record(ledger, digest=b"1", state=State.PERSON)
        assert ledger.known(b"1") == Known(state=State.PERSON, kind=Kind.BOUNCE, listed=False)
        ledger.mark_listed([b"1"], NOW)
        assert ledger.known(b"1") == Known(state=State.PERSON, kind=Kind.BOUNCE, listed=True)

    def test_an_event_is_written_once_however_many_reports_tell_of_it(self, ledger: Ledger) -> None:
        assert record(ledger, HARD, digest=b"1") == (True,)
        assert record(ledger, HARD, digest=b"2") == (False,)
        assert record(ledger, replace(HARD, address="Alice@example.org"), digest=b"3") == (False,)
        for number, other in enumerate(({"original": "2"}, {"address": "bob@example.org"}, {"list": "other"})):
            assert record(ledger, replace(HARD, **other), digest=b"o%d" % number) == (True,)  # type: ignore[arg-type]

    def test_an_event_comes_back_as_it_was_written(self, ledger: Ledger) -> None:
        full = replace(HARD, final_address="x@example.net", feedback_type="abuse", trust=Trust.STRONG)
        record(ledger, full)
        assert ledger.past(ALICE, "news", NOW).events == (full,)

    @pytest.mark.parametrize(
        ("first", "second", "counts"),
        [
            (HARD, SOFT, HARD),
            (SOFT, HARD, HARD),
            (replace(HARD, trust=Trust.NONE), SOFT, SOFT),  # a forged report hides no true one
            (SOFT, replace(HARD, trust=Trust.NONE), SOFT),  # and makes none worse
            (replace(HARD, trust=Trust.WEAK), replace(HARD, trust=Trust.STRONG), replace(HARD, trust=Trust.STRONG)),
            (replace(HARD, trust=Trust.STRONG), replace(HARD, trust=Trust.WEAK), replace(HARD, trust=Trust.STRONG)),
        ],
    )
    def test_of_two_reports_of_one_failure_the_better_one_counts(
        self, ledger: Ledger, first: Event, second: Event, counts: Event
    ) -> None:
        record(ledger, first, digest=b"1")
        assert record(ledger, second, digest=b"2") == (counts is second or counts == second != first,)
        assert ledger.past(ALICE, "news", NOW).events == (counts,)

    def test_text_that_is_no_unicode_and_text_that_looks_like_sql_is_only_text(self, ledger: Ledger) -> None:
        odd = replace(HARD, original="'); DROP TABLE event; --\udcff\x00", diagnostic="\ud800", list="'\udc80")
        assert record(ledger, odd) == (True,)
        assert record(ledger, odd, digest=b"2") == (False,)
        for _ in range(2):
            ledger.decide(wanted(odd), NOW)
        assert [one.address for one in tell(ledger)] == [ALICE]
        assert (tell(ledger), ledger.pending(10)) == ([], [])

    # deciding

    def test_what_is_new_is_pending_in_the_order_of_recording_until_it_is_decided(self, ledger: Ledger) -> None:
        zoe, bob = (replace(HARD, address=f"{name}@example.org") for name in ("zoe", "bob"))
        record(ledger, zoe, bob, replace(zoe, original="news-2@example.org"))
        assert ledger.pending(10) == [("zoe@example.org", "news"), ("bob@example.org", "news")]
        assert ledger.pending(1) == [("zoe@example.org", "news")]
        assert not ledger.decide(wanted(zoe, Wanted.NONE), NOW)
        assert ledger.decide(wanted(bob), NOW)
        assert ledger.pending(10) == []

    def test_a_decision_is_written_once_and_comes_back(self, ledger: Ledger) -> None:
        decision = wanted(until=NOW + DAY, ripe_at=NOW - DAY)
        record(ledger, HARD)
        assert [ledger.decide(decision, NOW) for _ in range(2)] == [True, False]
        current = ledger.current(ALICE, "news")
        assert current is not None
        assert (current.decision, current.done, current.released) == (decision, False, False)
        assert ledger.current(ALICE, "other") is None
        assert ledger.past("ALICE@example.org", "news", NOW).current == current

    @pytest.mark.parametrize(
        ("old", "new", "stands"),
        [
            (wanted(what=Wanted.DISABLE), wanted(what=Wanted.REMOVE), Wanted.REMOVE),
            (wanted(what=Wanted.REMOVE), wanted(what=Wanted.DISABLE), Wanted.REMOVE),
            (wanted(what=Wanted.REMOVE, held=Guard.TRUST), wanted(what=Wanted.DISABLE), Wanted.DISABLE),
            (wanted(what=Wanted.REMOVE), wanted(what=Wanted.RESTORE), Wanted.RESTORE),
            (wanted(what=Wanted.REMOVE), wanted(what=Wanted.NONE), None),
            (wanted(what=Wanted.REMOVE, held=Guard.ALIAS), wanted(what=Wanted.REMOVE), Wanted.REMOVE),
        ],
    )
    def test_the_stronger_decision_stands(
        self, ledger: Ledger, old: Decision, new: Decision, stands: Wanted | None
    ) -> None:
        decide(ledger, old)
        ledger.decide(new, NOW)
        current = ledger.current(ALICE, "news")
        assert (current.decision.wanted if current else None) == stands
        assert current is None or current.decision.held is None

    def test_what_was_done_is_not_taken_back_by_finding_nothing(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        tell(ledger)
        assert not ledger.decide(wanted(what=Wanted.NONE), NOW)
        assert ledger.current(ALICE, "news") is not None

    @pytest.mark.parametrize("guard", [Guard.STORM, Guard.CAP])
    def test_what_a_guard_of_the_run_holds_stays_held_until_something_new_decides(
        self, ledger: Ledger, guard: Guard
    ) -> None:
        decide(ledger, wanted())
        ledger.hold([wanted(held=guard, why="bad day")], NOW)
        assert not ledger.decide(wanted(), NOW)
        assert [(one.held, one.why) for one in ledger.held()] == [(guard, "bad day")]
        later = replace(HARD, original="news-2@example.org", at=NOW + DAY)
        record(ledger, later, digest=b"2")
        assert ledger.decide(wanted(later), NOW)
        assert list(ledger.held()) == []

    def test_what_a_bad_day_holds_stays_held_while_nothing_else_speaks_for_it(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        ledger.hold([wanted(held=Guard.STORM, why="bad day")], NOW)
        assert not ledger.decide(wanted(what=Wanted.NONE), NOW)
        assert [one.held for one in ledger.held()] == [Guard.STORM]

    def test_what_was_given_up_before_anybody_was_told_may_be_decided_again(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        assert ledger.decide(wanted(what=Wanted.NONE), NOW)
        assert ledger.current(ALICE, "news") is None
        assert ledger.decide(wanted(held=Guard.CAP), NOW)
        assert [one.held for one in ledger.held()] == [Guard.CAP]

    def test_an_earlier_day_takes_the_place_of_one_that_a_wrong_clock_set(self, ledger: Ledger) -> None:
        later = replace(HARD, original="news-9@example.org", at=NOW + 700 * DAY)
        decide(ledger, wanted(later, ripe_at=NOW + 701 * DAY))
        record(ledger, HARD)
        assert ledger.decide(wanted(ripe_at=NOW + DAY), NOW)
        assert tell(ledger, now=NOW + DAY) == [wanted(ripe_at=NOW + DAY)]

    def test_a_disable_has_an_end(self, ledger: Ledger) -> None:
        decide(ledger, wanted(what=Wanted.DISABLE, until=NOW + DAY))
        tell(ledger)
        assert list(ledger.ended(NOW)) == []
        (ended,) = ledger.ended(NOW + DAY)
        assert ended.address == ALICE
        ledger.decide(replace(ended, wanted=Wanted.RESTORE, until=None), NOW + DAY)
        assert list(ledger.ended(NOW + DAY)) == []

    # guards

    def test_failures_are_counted_by_domain_and_organisation(self, ledger: Ledger) -> None:
        for day in (0, 3, 9, 30):
            for number in range(2):
                event = replace(HARD, address=f"a{day}-{number}@example.org", at=NOW - day * DAY, original=str(day))
                record(ledger, event, digest=f"{day}-{number}".encode())
        record(ledger, replace(SOFT, address="soft@example.org"), digest=b"soft")
        (domain, organisation) = ledger.tallies(NOW, 1)
        assert (domain.group, organisation.group) == ("domain:example.org", "organisation:example.net")
        assert (domain.addresses_day, domain.addresses_week) == (2, 4)
        assert list(domain.history) == [0, 0, 2, *[0] * 20]
        assert (domain.first_at, domain.last_at, domain.mailed) == (NOW - 3 * DAY, NOW, None)
        assert ledger.tallies(NOW, 5) == []

    def test_a_storm_is_told_of_once_and_grows(self, ledger: Ledger) -> None:
        storm = Storm(group="domain:example.org", since=NOW - DAY, until=NOW, addresses=40, why="40")
        ledger.write_storms([storm])
        assert ledger.untold_storms() == [storm]
        ledger.mark_storms_told(NOW)
        grown = replace(storm, since=NOW, until=NOW + DAY, addresses=50, why="50")
        ledger.write_storms([grown])
        assert ledger.untold_storms() == []
        assert ledger.storms() == [replace(grown, since=storm.since)]
        assert ledger.past(ALICE, "news", NOW).storms == tuple(ledger.storms())
        assert ledger.past("x@example.com", "news", NOW).storms == ()

    def test_only_what_is_open_and_unheld_is_to_be_guarded(self, ledger: Ledger) -> None:
        names = ("open", "held", "done", "restore")
        events = {name: replace(HARD, address=f"{name}@example.org") for name in names}
        decide(ledger, wanted(events["done"]))
        tell(ledger)
        decide(ledger, wanted(events["open"]), wanted(events["held"], held=Guard.ALIAS))
        decide(ledger, wanted(events["restore"], Wanted.RESTORE))
        assert [decision.address for _, decision in ledger.unguarded()] == ["open@example.org"]
        ((number, _),) = ledger.unguarded()
        assert ledger.unguarded(after=number) == []

    def test_what_was_done_in_a_day_is_counted_once_for_all_adapters(self, ledger: Ledger) -> None:
        decide(ledger, wanted(), wanted(replace(HARD, address="bob@example.com", list="other")))
        tell(ledger)
        tell(ledger, adapter="second:")
        done = ledger.done_since(NOW - DAY)
        assert (done.total, dict(done.lists)) == (2, {"news": 1, "other": 1})
        assert dict(done.domains) == {"example.org": 1, "example.com": 1}
        assert ledger.done_since(NOW).total == 0

    # acting

    def test_an_adapter_is_told_once(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        assert tell(ledger) == [wanted()]
        assert tell(ledger) == []
        assert tell(ledger, adapter="new:") == [wanted()]

    def test_what_is_not_ripe_or_held_or_of_another_list_is_not_told(self, ledger: Ledger) -> None:
        unripe = wanted(ripe_at=NOW + DAY)
        held = wanted(replace(HARD, address="held@example.org"), held=Guard.CAP)
        other = wanted(replace(HARD, address="other@example.org", list="other"))
        decide(ledger, unripe, held, other)
        ledger.dispatch("a", ["news"], NOW)
        assert ledger.due("a", NOW, 10) == []
        ledger.dispatch("b", ["other", "news"], NOW)
        assert [one.decision for one in ledger.due("b", NOW, 10)] == [other]
        ledger.dispatch("c", ["news"], NOW, ripe=NOW + 2 * DAY)
        assert [one.decision for one in ledger.due("c", NOW, 10)] == [unripe]

    def test_what_was_begun_and_not_answered_is_in_doubt(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        ledger.dispatch("a", (), NOW)
        first, second = (ledger.due("a", NOW, 10)[0] for _ in range(2))
        assert (first.attempts, first.in_doubt, second.attempts, second.in_doubt) == (0, False, 1, True)
        ledger.settle("a", [(second, "refused", "")], NOW)
        third = ledger.due("a", NOW, 10)[0]
        assert (third.attempts, third.in_doubt) == (2, False)

    @pytest.mark.parametrize("outcome", ["done", "already", "not_found", "bad_request"])
    def test_a_decision_is_closed_when_every_adapter_was_told(self, ledger: Ledger, outcome: str) -> None:
        decide(ledger, wanted())
        for name in ("a", "b"):
            ledger.dispatch(name, (), NOW)
        for name, closed in (("a", []), ("b", [wanted()])):
            ledger.settle(name, [(one, outcome, "") for one in ledger.due(name, NOW, 10)], NOW)
            assert list(ledger.finish(["a", "b"], NOW)) == closed
        current = ledger.current(ALICE, "news")
        assert current is not None
        assert current.done

    def test_a_server_that_is_away_is_not_asked_for_ever_longer(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        waits = []
        now = NOW
        for _ in range(10):
            assert len(tell(ledger, "retry", now=now)) == 1
            steps = (0, 600, 1800, 3600, 7200, 14400, 28800, 43200)
            waits.append(next(step for step in steps if _is_due(ledger, now + timedelta(seconds=step))))
            now += timedelta(seconds=waits[-1])
        assert waits == [0, 0, 600, 1800, 3600, 7200, 14400, 28800, 43200, 43200]

    def test_a_restore_is_told_only_to_whom_did_it(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        tell(ledger, "done", "a")
        tell(ledger, "already", "b")
        ledger.decide(wanted(what=Wanted.RESTORE), NOW)
        assert tell(ledger, "done", "a") == [wanted(what=Wanted.RESTORE)]
        ledger.dispatch("b", (), NOW)
        assert ledger.due("b", NOW, 10) == []
        assert ledger.current(ALICE, "news") is None

    def test_a_restore_waits_for_an_adapter_that_is_not_there(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        tell(ledger, adapter="a")
        ledger.decide(wanted(what=Wanted.RESTORE), NOW)
        list(ledger.finish([], NOW))
        current = ledger.current(ALICE, "news")
        assert current is not None
        assert current.decision.wanted is Wanted.RESTORE
        assert tell(ledger, adapter="a") == [wanted(what=Wanted.RESTORE)]
        assert ledger.current(ALICE, "news") is None

    @pytest.mark.parametrize("one_list", [False, True])
    def test_who_is_off_by_another_list_is_not_put_back_where_lists_are_one(
        self, ledger: Ledger, *, one_list: bool
    ) -> None:
        decide(ledger, wanted(what=Wanted.DISABLE), wanted(replace(HARD, list="other")))
        tell(ledger, adapter="a")
        ledger.decide(wanted(what=Wanted.RESTORE), NOW)
        ledger.dispatch("a", (), NOW, one_list=one_list)
        assert len(ledger.due("a", NOW, 10)) == one_list

    def test_what_one_adapter_has_ends_and_is_given_up_as_what_all_have(self, ledger: Ledger) -> None:
        decide(ledger, wanted(what=Wanted.DISABLE, until=NOW + DAY))
        for name in ("a", "b"):
            ledger.dispatch(name, (), NOW)
        ledger.settle("a", [(one, "done", "") for one in ledger.due("a", NOW, 10)], NOW)
        ledger.settle("b", [(one, "retry", "") for one in ledger.due("b", NOW, 10)], NOW)
        assert list(ledger.finish(["a", "b"], NOW)) == []
        assert [one.address for one in ledger.ended(NOW + DAY)] == [ALICE]
        assert ledger.decide(wanted(what=Wanted.NONE), NOW)
        current = ledger.current(ALICE, "news")
        assert current is not None
        assert current.decision.wanted is Wanted.RESTORE

    def test_what_goes_to_no_adapter_is_counted(self, ledger: Ledger) -> None:
        decide(ledger, wanted(), wanted(replace(HARD, address="bob@example.org", list="other"), ripe_at=NOW + DAY))
        ledger.dispatch("a", ["news"], NOW)
        assert (ledger.untold(NOW), ledger.untold(NOW + DAY)) == (0, 1)

    def test_what_was_lost_is_told_again(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        tell(ledger)
        ledger.retell("double:")
        assert tell(ledger) == [wanted()]

    # what was sent

    def test_what_was_sent_is_found_by_message_and_by_key(self, ledger: Ledger) -> None:
        assert not ledger.has_sent()
        row = SentRow(message_id="news-1@example.org", address=ALICE, list="news", at=NOW, key=b"key")
        assert [ledger.import_sent([row]) for _ in range(2)] == [1, 0]
        assert ledger.has_sent()
        assert (ledger.sent("news-1@example.org"), ledger.sent("other")) == ([row], [])
        assert (ledger.sent_with(b"key"), ledger.sent_with(b"other")) == (row, None)

    @pytest.mark.parametrize(
        ("sent", "failed", "arrived"),
        [
            (10, None, True),
            (3, None, False),  # too young to know
            (10, 9, False),  # something came back within the week
            (10, 12, True),  # what came back before says nothing of it
            (10, 1, True),  # that was about a later mail
        ],
    )
    def test_a_mail_that_nothing_came_back_for_arrived(
        self, ledger: Ledger, sent: int, failed: int | None, *, arrived: bool
    ) -> None:
        ledger.import_sent([SentRow(message_id="s", address=ALICE, list="news", at=NOW - sent * DAY)])
        if failed is not None:
            record(ledger, replace(HARD, original="other", at=NOW - failed * DAY))
        past = ledger.past(ALICE, "news", NOW)
        assert past.succeeded_at == (NOW - sent * DAY if arrived else None)

    def test_a_mail_that_failed_did_not_arrive_however_late_the_report_came(self, ledger: Ledger) -> None:
        ledger.import_sent([SentRow(message_id="s", address=ALICE, list="news", at=NOW - 20 * DAY)])
        record(ledger, replace(HARD, original="s", at=NOW))
        assert ledger.past(ALICE, "news", NOW).succeeded_at is None

    def test_a_subscription_is_known_and_makes_failures_pending(self, ledger: Ledger) -> None:
        record(ledger, HARD)
        ledger.decide(wanted(what=Wanted.NONE), NOW)
        ledger.import_sent(
            [Subscription(address=ALICE, list="news", since=NOW), Subscription(address=ALICE, since=NOW)]
        )
        assert ledger.past(ALICE, "news", NOW).subscribed_at == NOW
        assert ledger.pending(10) == [(ALICE, "news")]

    def test_what_is_old_is_dropped_and_the_evidence_of_a_decision_stays(self, ledger: Ledger) -> None:
        decide(ledger, wanted())
        tell(ledger)
        ledger.import_sent([SentRow(message_id="s", address=ALICE, at=NOW)])
        assert ledger.purge(Age(), NOW + 500 * DAY) == 0
        assert ledger.purge(Age(events=DAY, mails=DAY, journal=DAY, sent=DAY), NOW) == 0
        assert ledger.purge(Age(events=DAY, mails=DAY, journal=DAY, sent=DAY), NOW + 2 * DAY) > 3
        current = ledger.current(ALICE, "news")
        assert current is not None
        assert current.decision.event == HARD
        assert (ledger.past(ALICE, "news", NOW).events, ledger.sent("s")) == ((), [])
        assert ledger.has_sent()  # who told once what was sent is not one who never did

    def test_calls_within_a_transaction_are_all_or_none(self, ledger: Ledger) -> None:
        def cut_off() -> None:
            with ledger.transaction():
                record(ledger, HARD)
                ledger.decide(wanted(), NOW)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            cut_off()
        assert (ledger.known(b"1"), ledger.current(ALICE, "news")) == (None, None)
        with ledger.transaction():
            record(ledger, HARD)
        assert ledger.known(b"1") is not None


def _is_due(ledger: Ledger, now: datetime) -> bool:
    """Tell whether something is due, and leave it as it was."""
    found = 0
    with contextlib.suppress(KeyboardInterrupt), ledger.transaction():
        found = len(ledger.due("double:", now, 1))
        raise KeyboardInterrupt
    return bool(found)

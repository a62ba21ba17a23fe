from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dsnparse.model import BounceType, Event, Guard, Reason, Trust, Wanted
from dsnparse.policy import History, Storm, decide, preset
from tests.policy.events import ALICE, at, complaint, decided, failure, history, soft

CAREFUL = preset("careful")
REMOVAL = "disabled and not removed, because only reports to a signed return path may remove"
NONE, DISABLE, REMOVE = Wanted.NONE, Wanted.DISABLE, Wanted.REMOVE
FULL, EXPIRED, DISABLED = Reason.MAILBOX_FULL, Reason.EXPIRED, Reason.MAILBOX_DISABLED
NO_DOMAIN = Reason.DOMAIN_NOT_FOUND


@pytest.mark.parametrize(
    ("events", "day", "wanted"),
    [
        ([failure(0)], 0, REMOVE),
        ([failure(0, Reason.MAILBOX_MOVED)], 0, REMOVE),
        ([failure(0, DISABLED)], 1, NONE),
        ([failure(0, DISABLED), failure(0.1, DISABLED)], 1, NONE),  # twice on one day
        ([failure(0, DISABLED), failure(1, DISABLED)], 1, REMOVE),
        ([failure(0, DISABLED), failure(36, DISABLED)], 36, REMOVE),  # a list that is mailed once a month
        ([failure(0, DISABLED), failure(46, DISABLED)], 46, NONE),  # too long apart
        ([failure(0, DISABLED), failure(46, DISABLED), failure(46.1, DISABLED)], 47, NONE),
        ([failure(day, NO_DOMAIN) for day in (0, 1, 2)], 2, NONE),  # three within less than three days
        ([failure(day, NO_DOMAIN) for day in (0, 1, 3)], 3, REMOVE),
        ([failure(day, NO_DOMAIN) for day in (0, 35, 70)], 70, REMOVE),
        ([failure(day, Reason.DOMAIN_NO_MAIL) for day in (0, 7)], 7, NONE),
        ([soft(day, FULL) for day in (0, 7)], 7, NONE),
        ([soft(day, FULL) for day in range(12)], 12, NONE),  # full for less than two weeks
        ([soft(day, FULL) for day in (0, 7, 13.9)], 14, DISABLE),
        ([soft(day, FULL, "5.2.2") for day in (0, 7, 14)], 14, DISABLE),  # some servers call it permanent
        ([soft(day, EXPIRED, "4.4.7") for day in (0, 7, 14)], 14, DISABLE),
        ([soft(0, EXPIRED, "5.4.7"), soft(7, Reason.NETWORK_ERROR, "4.4.1"), soft(14, DISABLED, "4.2.1")], 14, DISABLE),
        ([soft(0, FULL), soft(7, FULL), soft(14, EXPIRED)], 14, NONE),  # each is counted by itself
        ([failure(0, DISABLED), failure(1, NO_DOMAIN), soft(2, FULL)], 2, NONE),
        ([soft(0, FULL), failure(1)], 1, REMOVE),  # a hard one supersedes
    ],
)
def test_the_careful_policy_acts_at_its_numbers(events: list[Event], day: float, wanted: Wanted) -> None:
    decision = decided(*events, day=day)
    assert (decision.wanted, decision.held) == (wanted, None)
    assert (decision.address, decision.list) == (ALICE, "news")


NEVER_COUNTED = sorted(
    set(Reason)
    - {Reason.USER_UNKNOWN, Reason.MAILBOX_MOVED, DISABLED, NO_DOMAIN, Reason.DOMAIN_NO_MAIL, FULL, EXPIRED}
    - {Reason.NETWORK_ERROR},
)


@pytest.mark.parametrize("name", ["careful", "esp", "mailman"])
@pytest.mark.parametrize("reason", [*NEVER_COUNTED, None])
@pytest.mark.parametrize(
    ("status", "bounce_type"), [("5.0.0", None), ("4.0.0", BounceType.SOFT), ("5.7.1", BounceType.HARD)]
)
def test_what_says_nothing_of_the_address_never_counts(
    name: str, reason: Reason | None, status: str, bounce_type: BounceType | None
) -> None:
    events = [failure(day, reason, bounce_type=bounce_type, status=status) for day in range(40)]
    assert decide(history(*events), preset(name), at(40)).wanted is NONE


@pytest.mark.parametrize("reason", [Reason.USER_UNKNOWN, DISABLED, NO_DOMAIN])
def test_a_failure_that_leaves_doubt_is_no_death(reason: Reason) -> None:
    events = [
        failure(day, reason, bounce_type=bounce_type) for day in range(20) for bounce_type in (BounceType.SOFT, None)
    ]
    assert decided(*events, day=20).wanted is NONE


def test_nothing_known_wants_nothing() -> None:
    decision = decided()
    assert (decision.wanted, decision.why, decision.event.at) == (NONE, "no failure is known", at(90))


@pytest.mark.parametrize("reset", ["succeeded_at", "subscribed_at"])
def test_failures_before_a_success_or_a_new_subscription_do_not_count(reset: str) -> None:
    known: dict[str, Any] = {reset: at(0)}
    assert decided(failure(0), **known).wanted is REMOVE
    assert decided(failure(-1), **known).wanted is NONE
    decision = decided(failure(-1, DISABLED), failure(7, DISABLED), **known)
    assert decision.why.startswith("1 of 2 failures on different days (mailbox disabled); 1 failure before the ")


@pytest.mark.parametrize(
    ("group", "day", "wanted"),
    [
        ("domain:example.net", 0, NONE),
        ("organisation:example.com", 0, NONE),
        ("domain:example.com", 0, REMOVE),
        ("organisation:example.net", 0, REMOVE),
        ("domain:example.net", 2, REMOVE),
        ("domain:example.net", -2, REMOVE),
    ],
)
def test_a_failure_on_a_bad_day_of_its_own_group_does_not_count(group: str, day: float, wanted: Wanted) -> None:
    storm = Storm(group=group, since=at(-1), until=at(1), addresses=900, why="")
    decision = decided(failure(day), storms=[storm])
    assert decision.wanted is wanted
    if wanted is NONE:
        assert decision.why == f"1 failure on a bad day of {group.partition(':')[2]} not counted"


@pytest.mark.parametrize(
    ("event", "known", "held"),
    [
        (failure(0, final_address="member@example.org"), {}, Guard.ALIAS),
        (failure(0), {"protected": True}, Guard.PROTECTED),
        (failure(0), {"address": "postmaster@example.net"}, Guard.SYSTEM),
        (failure(0, final_address="member@example.org"), {"protected": True}, Guard.PROTECTED),
        (complaint(0), {"protected": True}, Guard.PROTECTED),
    ],
)
def test_some_addresses_wait_for_a_person(event: Event, known: dict[str, Any], held: Guard) -> None:
    decision = decided(event, **known)
    assert (decision.wanted, decision.held) == (REMOVE, held)


def test_who_is_behind_an_alias_is_named_and_the_address_itself_settles_it() -> None:
    passed_on = failure(0, final_address="member@example.org")
    assert "member@example.org" in decided(passed_on).why
    decision = decided(passed_on, failure(7))
    assert (decision.held, decision.event.at) == (None, at(7))


def test_a_decision_ripens_from_the_failure_that_decided() -> None:
    decision = decided(failure(0), failure(0.5), failure(3))
    assert decision.event == failure(0)  # daily failures do not put it off
    assert decision.ripe_at == at(1)


def test_a_time_without_mail_ends_and_one_more_failure_begins_another() -> None:
    full = [soft(day, FULL) for day in (0, 7, 14)]
    first = decided(*full, day=20)
    assert (first.wanted, first.until) == (DISABLE, at(14) + timedelta(days=31))
    assert decided(*full, soft(16, FULL), day=20) == first  # still under way when it was decided
    over = decided(*full, day=46)
    assert (over.wanted, over.why) == (NONE, "the time without mail ended on 2026-04-16")
    again = decided(*full, soft(49, FULL), day=50)
    assert (again.wanted, again.event.at, again.until) == (DISABLE, at(49), at(80))
    assert again.id != first.id


def test_a_time_without_mail_does_not_begin_again_where_mail_arrived() -> None:
    assert decided(*[soft(day, FULL) for day in (0, 7, 14, 49)], day=50, succeeded_at=at(46)).wanted is NONE


def test_reports_out_of_order_do_not_rename_a_decision() -> None:
    first = decided(failure(5))
    assert decided(failure(4), failure(5)).event.at == at(4)
    assert decided(failure(4), failure(5), decision=first).id == first.id


def test_a_forgotten_dead_address_needs_one_failure_only() -> None:
    assert decided(failure(0, NO_DOMAIN), forgotten=True).wanted is REMOVE
    assert decided(soft(0, FULL), day=1, forgotten=True).wanted is NONE
    assert decided(forgotten=True).wanted is NONE
    assert decided(failure(0, NO_DOMAIN), forgotten=True, subscribed_at=at(-1)).wanted is NONE
    assert decided(failure(0, NO_DOMAIN, Trust.NONE), forgotten=True).held is Guard.TRUST


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (history(failure(0)), "user unknown: 1 failure, reported to a return path that we signed"),
        (
            history(failure(0, trust=Trust.WEAK)),
            f"user unknown: 1 failure, reported for a mail that we sent; {REMOVAL}",
        ),
        (
            history(failure(0), trust_configured=False),
            f"user unknown: 1 failure, and neither a secret nor a sent table is set up to prove it; {REMOVAL}",
        ),
        (
            history(*[soft(day, FULL) for day in (70, 80)]),
            "2 of 3 failures on different days over at least 13 days (mailbox full)",
        ),
        (
            history(*[soft(day, FULL) for day in (80, 81, 82)]),
            "3 of 3 failures on different days over at least 13 days, so far on 3 over 2 (mailbox full)",
        ),
        (history(failure(0, Reason.SPAM_CONTENT)), "1 failure that says nothing of the address not counted"),
    ],
)
def test_the_reason_is_told(known: History, why: str) -> None:
    assert decide(known, CAREFUL, at(90)).why == why


def test_forty_thousand_reports_for_one_address_take_no_more_than_linear_time() -> None:
    events = [failure(number / 500, trust=Trust.NONE, original=str(number)) for number in range(40_000)]
    assert decided(*events, day=200).held is Guard.TRUST

"""What holds for every history: the weaker the evidence, the later and the less is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from dsnparse.model import BounceType, Decision, Event, Reason, Trust, Wanted
from dsnparse.policy import PRESETS, History, Policy, Storm, decide, preset
from dsnparse.status.retry import reason_facts
from tests.policy.events import at, failure, history

if TYPE_CHECKING:
    import random
    from datetime import datetime

FAULTS = [reason for reason in Reason if reason_facts(reason).about in {"message", "sender", "system", "unknown"}]
TRUSTS = [Trust.NONE, Trust.WEAK, Trust.STRONG]
STRENGTH = {Wanted.NONE: 0, Wanted.DISABLE: 1, Wanted.REMOVE: 2}

policies = st.sampled_from([*map(preset, PRESETS), replace(preset("careful"), accept_unsigned=True)])
days = st.floats(0, 100).map(lambda day: round(day, 2))
bounce_types = st.sampled_from([BounceType.HARD, BounceType.SOFT, None])
statuses = st.sampled_from(["5.1.1", "4.2.2", "5.7.1", None])


def failures(reasons: list[Reason]) -> st.SearchStrategy[list[Event]]:
    one = st.builds(
        lambda day, reason, trust, bounce_type, status, behind: failure(
            day, reason, trust, bounce_type=bounce_type, status=status, final_address=behind
        ),
        days,
        st.sampled_from(reasons),
        st.sampled_from(TRUSTS),
        bounce_types,
        statuses,
        st.sampled_from([None, None, None, "member@example.org"]),
    )
    return st.lists(one, max_size=12, unique_by=lambda event: event.original)


def steps(known: History, policy: Policy) -> list[tuple[datetime, int]]:
    """Return when more was done than ever before, and how much, as the failures came in."""
    most, found = 0, []
    events = sorted(known.events, key=lambda event: event.at)
    for number in range(1, len(events) + 1):
        decision = decide(replace(known, events=events[:number]), policy, events[number - 1].at)
        if acted(decision) > most:
            most = acted(decision)
            found.append((events[number - 1].at, most))
    return found


def acted(decision: Decision) -> int:
    """Return how much is done without a person: a time without mail, no mail, removed."""
    return 0 if decision.held else STRENGTH[decision.wanted] * 2 - (decision.until is not None)


def never_earlier(weaker: list[tuple[datetime, int]], stronger: list[tuple[datetime, int]]) -> bool:
    """Tell whether whatever is done for the weaker was done at that time, or before, for the stronger."""
    return all(any(when <= time and much >= least for when, much in stronger) for time, least in weaker)


@given(failures(FAULTS), policies, days, st.booleans())
def test_faults_of_message_sender_and_system_never_lead_to_anything(
    events: list[Event],
    policy: Policy,
    day: float,
    configured: bool,  # noqa: FBT001 - drawn
) -> None:
    decision = decide(history(*events, trust_configured=configured), policy, at(day))
    assert (decision.wanted, decision.held) == (Wanted.NONE, None)


@given(failures(list(Reason)), policies, st.data())
def test_weaker_evidence_never_acts_earlier_or_more(events: list[Event], policy: Policy, data: st.DataObject) -> None:
    weaker = [
        replace(event, trust=data.draw(st.sampled_from(TRUSTS[: TRUSTS.index(event.trust) + 1]))) for event in events
    ]
    assert never_earlier(steps(history(*weaker), policy), steps(history(*events), policy))


@given(failures(list(Reason)), policies, st.data())
def test_fewer_failures_never_act_earlier_or_more(events: list[Event], policy: Policy, data: st.DataObject) -> None:
    fewer = [event for event in events if data.draw(st.booleans())]
    assert never_earlier(steps(history(*fewer), policy), steps(history(*events), policy))


@given(failures(list(Reason)), policies, days, st.sampled_from(["succeeded_at", "subscribed_at"]))
def test_a_success_or_a_new_subscription_never_makes_it_act_earlier_or_more(
    events: list[Event], policy: Policy, day: float, reset: str
) -> None:
    known = history(*events)
    later = replace(known, succeeded_at=at(day)) if reset == "succeeded_at" else replace(known, subscribed_at=at(day))
    assert never_earlier(steps(later, policy), steps(known, policy))


@given(failures(list(Reason)), policies, days, days)
def test_a_storm_never_makes_it_act_earlier_or_more(
    events: list[Event], policy: Policy, one: float, two: float
) -> None:
    storm = Storm(group="domain:example.net", since=at(min(one, two)), until=at(max(one, two)), addresses=99, why="")
    known = history(*events)
    assert never_earlier(steps(replace(known, storms=[storm]), policy), steps(known, policy))


@given(failures(list(Reason)), policies, days, st.randoms(use_true_random=False))
def test_the_order_of_the_reports_is_of_no_matter(
    events: list[Event], policy: Policy, day: float, source: random.Random
) -> None:
    shuffled = list(events)
    source.shuffle(shuffled)
    assert decide(history(*shuffled), policy, at(day)) == decide(history(*events), policy, at(day))


@given(failures(list(Reason)), policies, days, st.integers(0, 4000))
@settings(max_examples=60)
def test_the_same_history_at_another_time_decides_the_same(
    events: list[Event], policy: Policy, day: float, weeks: int
) -> None:
    moved = timedelta(days=7 * weeks)
    here = decide(history(*events), policy, at(day))
    there = decide(history(*[replace(event, at=event.at + moved) for event in events]), policy, at(day) + moved)
    assert (here.wanted, here.held, here.event.original) == (there.wanted, there.held, there.event.original)
    assert [time and time + moved for time in (here.until, here.ripe_at)] == [there.until, there.ripe_at]


@given(failures(list(Reason)), policies, days)
def test_nothing_is_done_before_it_has_settled_and_a_failure_decides(
    events: list[Event], policy: Policy, day: float
) -> None:
    decision = decide(history(*events), policy, at(day))
    if decision.wanted is not Wanted.NONE:
        assert decision.event in events
        assert decision.ripe_at == decision.event.at + policy.settle
        assert decision.until is None or decision.until > max(at(day), decision.ripe_at)


@given(failures(list(Reason)), policies, days)
def test_who_is_protected_is_never_acted_on(events: list[Event], policy: Policy, day: float) -> None:
    assert acted(decide(history(*events, protected=True), policy, at(day))) == 0

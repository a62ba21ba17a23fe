from __future__ import annotations

from dataclasses import replace

import pytest

from dsnparse.model import Guard, Reason, Trust, Wanted
from dsnparse.policy import decide, preset
from tests.policy.events import at, complaint, decided, failure, history

NONE, DISABLE, REMOVE = Wanted.NONE, Wanted.DISABLE, Wanted.REMOVE
FULL, EXPIRED, DISABLED = Reason.MAILBOX_FULL, Reason.EXPIRED, Reason.MAILBOX_DISABLED
NO_DOMAIN = Reason.DOMAIN_NOT_FOUND


@pytest.mark.parametrize(
    ("trust", "configured", "wanted", "held"),
    [
        (Trust.STRONG, True, REMOVE, None),
        (Trust.WEAK, True, DISABLE, None),
        (Trust.NONE, True, DISABLE, Guard.TRUST),
        (Trust.NONE, False, DISABLE, None),  # nothing is set up that could prove it
    ],
)
def test_what_is_done_depends_on_what_proves_the_reports(
    trust: Trust,
    wanted: Wanted,
    held: Guard | None,
    *,
    configured: bool,
) -> None:
    decision = decided(failure(0, trust=trust), failure(1, trust=trust), trust_configured=configured)
    assert (decision.wanted, decision.held, decision.until) == (wanted, held, None)


def test_what_nothing_proves_needs_two_days() -> None:
    one, same_day = failure(0, trust=Trust.NONE), failure(0.1, trust=Trust.NONE)
    assert decided(one).why == "1 of 2 failures on different days (user unknown)"
    assert decided(one, same_day).wanted is NONE
    assert decided(one, trust_configured=False).wanted is DISABLE


def test_an_owner_may_believe_what_nothing_proves() -> None:
    policy = replace(preset("careful"), accept_unsigned=True)
    events = failure(0, trust=Trust.NONE), failure(1, trust=Trust.NONE)
    assert decide(history(events[0]), policy, at(1)).wanted is NONE
    decision = decide(history(*events), policy, at(1))
    assert (decision.wanted, decision.held) == (DISABLE, None)


def test_a_forged_report_does_not_help_a_true_one_over_the_bar() -> None:
    true, forged = failure(0, DISABLED), failure(1, DISABLED, Trust.NONE)
    decision = decided(true, forged)
    assert (decision.wanted, decision.held) == (DISABLE, Guard.TRUST)
    named = decided(true, failure(1, DISABLED, Trust.WEAK))
    assert (named.wanted, named.held) == (DISABLE, None)


def test_a_signed_report_after_a_weak_one_removes() -> None:
    assert decided(failure(0, trust=Trust.WEAK), failure(7)).wanted is REMOVE


@pytest.mark.parametrize(
    ("feedback_type", "trust", "wanted", "held"),
    [
        ("abuse", Trust.STRONG, REMOVE, None),
        ("opt-out", Trust.STRONG, REMOVE, None),
        ("opt-out-list", Trust.WEAK, DISABLE, None),
        ("abuse", Trust.NONE, DISABLE, Guard.TRUST),
        ("not-spam", Trust.STRONG, NONE, None),
        ("auth-failure", Trust.STRONG, NONE, None),
        ("fraud", Trust.STRONG, NONE, None),
        ("virus", Trust.STRONG, NONE, None),
        ("other", Trust.STRONG, NONE, None),
        ("", Trust.STRONG, NONE, None),
    ],
)
def test_a_complaint_unsubscribes_and_other_feedback_does_not(
    feedback_type: str, trust: Trust, wanted: Wanted, held: Guard | None
) -> None:
    decision = decided(complaint(0, feedback_type, trust))
    assert (decision.wanted, decision.held, decision.until) == (wanted, held, None)


def test_a_complaint_is_not_refuted_by_mail_that_arrives_but_by_a_new_subscription() -> None:
    assert decided(complaint(0), succeeded_at=at(7)).wanted is REMOVE
    assert decided(complaint(0), subscribed_at=at(7)).wanted is NONE

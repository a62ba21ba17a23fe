from __future__ import annotations

import pytest

from dsnparse.model import Event, Reason, Wanted
from dsnparse.policy import decide, preset
from tests.policy.events import at, complaint, failure, history, soft

NONE, DISABLE, REMOVE = Wanted.NONE, Wanted.DISABLE, Wanted.REMOVE
FULL, EXPIRED, DISABLED = Reason.MAILBOX_FULL, Reason.EXPIRED, Reason.MAILBOX_DISABLED
NO_DOMAIN = Reason.DOMAIN_NOT_FOUND


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([failure(0, NO_DOMAIN)], REMOVE),
        ([failure(0, DISABLED)], REMOVE),
        ([soft(day, FULL) for day in range(4)], NONE),
        ([soft(day, FULL) for day in range(5)], DISABLE),
        ([soft(0.1 * part, FULL) for part in range(9)], NONE),  # all on one day
        ([complaint(0)], REMOVE),
    ],
)
def test_the_preset_of_mail_service_providers(events: list[Event], wanted: Wanted) -> None:
    assert decide(history(*events), preset("esp"), at(5)).wanted is wanted


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([failure(0)], NONE),
        ([failure(day) for day in range(5)], DISABLE),
        ([failure(0), soft(1, FULL), soft(2, EXPIRED), failure(3, NO_DOMAIN), soft(4, DISABLED, "5.2.1")], DISABLE),
        ([failure(day) for day in (0, 1, 2, 3, 11)], NONE),  # a week without a failure: the count begins again
        ([failure(day) for day in (0, 7, 14, 21, 28)], DISABLE),
        ([*[failure(day) for day in range(4)], soft(4, Reason.SPAM_CONTENT)], NONE),
        ([*[failure(day) for day in range(4)], soft(4, Reason.UNDETERMINED)], NONE),
        ([complaint(0)], REMOVE),
    ],
)
def test_the_preset_after_mailman(events: list[Event], wanted: Wanted) -> None:
    decision = decide(history(*events), preset("mailman"), at(30))
    assert (decision.wanted, decision.until) == (wanted, None)

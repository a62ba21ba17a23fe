"""Failures and histories for the tests of the policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dsnparse.model import BounceType, Decision, Event, Reason, Trust
from dsnparse.policy import History, decide, preset

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALICE = "alice@example.net"


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def failure(  # noqa: PLR0913 - what a test may want otherwise
    day: float = 0,
    reason: Reason | None = Reason.USER_UNKNOWN,
    trust: Trust = Trust.STRONG,
    *,
    bounce_type: BounceType | None = BounceType.HARD,
    status: str | None = "5.1.1",
    final_address: str | None = None,
    address: str = ALICE,
    original: str | None = None,
    remote_mta: str | None = "mx1.example.com",
) -> Event:
    return Event(
        address=address,
        list="news",
        original=original or f"mail-{day}@lists.example.org",
        at=at(day),
        trust=trust,
        final_address=final_address,
        bounce_type=bounce_type,
        reason=reason,
        status=status,
        remote_mta=remote_mta,
    )


def soft(day: float, reason: Reason | None, status: str | None = "4.2.2", trust: Trust = Trust.STRONG) -> Event:
    return failure(day, reason, trust, bounce_type=BounceType.SOFT, status=status)


def complaint(day: float = 0, feedback_type: str = "abuse", trust: Trust = Trust.STRONG) -> Event:
    original = f"complaint-{day}@lists.example.org"
    return Event(address=ALICE, list="news", original=original, at=at(day), trust=trust, feedback_type=feedback_type)


def history(*events: Event, **known: Any) -> History:  # noqa: ANN401 - the fields of History, by name
    """All that is known of an address; trust is set up where nothing else is said."""
    usual: dict[str, Any] = {"address": ALICE, "list": "news", "events": events, "trust_configured": True}
    return History(**usual | known)


def decided(*events: Event, day: float = 90, **known: Any) -> Decision:  # noqa: ANN401 - the fields of History, by name
    """Return what the careful policy wants on a day."""
    return decide(history(*events, **known), preset("careful"), at(day))

"""A list's subscribers, and what comes back when they are mailed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dsnparse.model import BounceType, Event, Reason, Trust

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

__all__ = ["HARMLESS", "LARGE", "START", "Person", "bounce", "domains", "order", "returned", "subscribers"]

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday
LARGE = "large.example"
NEVER = START + timedelta(days=3650)
HOURS = 6  # a mailing takes so long
# What a large mail host says of the living: nothing of it may count.
HARMLESS = (
    (Reason.SENDER_BLOCKED, "5.7.1"),
    (Reason.SPAM_CONTENT, "5.7.1"),
    (Reason.RATE_LIMITED, "4.7.28"),
    (Reason.GREYLISTED, "4.7.1"),
    (Reason.MESSAGE_TOO_BIG, "5.3.4"),
    (Reason.AUTH_FAILURE, "5.7.26"),
    (Reason.SYSTEM_FULL, "4.3.1"),
    (Reason.RECIPIENT_REFUSED, "5.7.1"),
    (Reason.UNDETERMINED, "5.0.0"),
)


@dataclass(slots=True)
class Person:
    """A subscriber."""

    address: str
    domain: str
    servers: str  # who runs its mail servers
    dies: datetime = NEVER
    reason: Reason = Reason.USER_UNKNOWN  # of what is said after that
    troubles: list[tuple[datetime, datetime, Reason, str]] = field(default_factory=list)  # from, to, why, status


def domains(number: int) -> list[str]:
    """Return names, the large one first."""
    return [LARGE, *(f"small{place}.example" for place in range(1, number))]


def subscribers(source: random.Random, number: int, names: list[str], share: float = 0.35) -> list[Person]:
    """Return people without trouble: a share at the first domain, the others at the rest, most of which are small."""
    large = int(number * share)
    others = source.choices(names[1:], [1 / rank for rank in range(1, len(names))], k=number - large)
    found = [
        Person(address=f"user{place}@{domain}", domain=domain, servers=domain)
        for place, domain in enumerate([names[0]] * large + others)
    ]
    source.shuffle(found)  # mailings go in this order
    return found


def bounce(person: Person, sent: datetime, reason: Reason, status: str, *, after: timedelta) -> Event:
    """Return what comes back for a mail, so long after it was sent."""
    dead = reason in {
        Reason.USER_UNKNOWN,
        Reason.MAILBOX_DISABLED,
        Reason.DOMAIN_NOT_FOUND,
    }
    return Event(
        address=person.address,
        original=f"{sent:%Y%m%d}",
        at=sent + after,
        trust=Trust.STRONG,
        bounce_type=BounceType.HARD if dead else BounceType.SOFT,
        reason=reason,
        status=status,
        remote_mta=None if reason is Reason.DOMAIN_NOT_FOUND else f"mx1.{person.servers}",
    )


def returned(person: Person, sent: datetime) -> Event | None:
    """Return the failure that a mail leads to, None where it arrives."""
    if sent >= person.dies:
        status = {Reason.MAILBOX_DISABLED: "5.2.1", Reason.DOMAIN_NOT_FOUND: "5.1.2"}.get(person.reason, "5.1.1")
        return bounce(person, sent, person.reason, status, after=timedelta(minutes=1))
    for start, end, reason, status in person.troubles:
        if start <= sent < end:
            waits = status.startswith("4")  # the server tries for five days
            return bounce(person, sent, reason, status, after=timedelta(days=5) if waits else timedelta(minutes=1))
    return None


def order(people: list[Person], sent: datetime, struck: Callable[[Person], bool]) -> Iterator[tuple[Person, datetime]]:
    """Yield when a mailing, evenly over some hours, reaches those whom something may befall."""
    step = timedelta(hours=HOURS) / max(len(people), 1)
    for place, person in enumerate(people):
        if person.dies is not NEVER or person.troubles or struck(person):
            yield person, sent + place * step

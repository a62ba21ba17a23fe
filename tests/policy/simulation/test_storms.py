"""Bad days of a large provider: in six hours, and slowly over a week; and a domain that is gone for good."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dsnparse.model import BounceType, Event, Reason
from dsnparse.policy import GuardSettings, Policy, preset
from tests.policy.simulation.ledger import Ledger
from tests.policy.simulation.people import (
    LARGE,
    START,
    Person,
    bounce,
    domains,
    order,
    returned,
    subscribers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GROUP, SERVERS = f"domain:{LARGE}", f"organisation:{LARGE}"
AT_ONCE = timedelta(0)


@dataclass(slots=True)
class World:
    """A list, its mailings and the runs."""

    people: list[Person]
    ledger: Ledger
    every: int  # days from mailing to mailing
    coming: list[Event] = field(default_factory=list)

    def days(self, first: int, number: int, bad: Callable[[Person, datetime], bool], *, runs: int = 4) -> None:
        """Live some days, with so many runs in each; bad: who living is refused when, as if dead."""
        for day in range(first, first + number):
            if day % self.every == 0:
                self.mail(START + DAY * day, bad)
            for run in range(1, runs + 1):
                now = START + DAY * day + DAY / runs * run
                self.ledger.run([event for event in self.coming if event.at <= now], now)
                self.coming = [event for event in self.coming if event.at > now]

    def mail(self, when: datetime, bad: Callable[[Person, datetime], bool]) -> None:
        """Mail everybody who is still on the list."""
        mailed = [one for one in self.people if not self.ledger.gone(one.address)]
        for person, sent in order(mailed, when, lambda person: bad(person, when)):
            event = returned(person, sent)
            if event is None and bad(person, sent):
                event = bounce(person, sent, Reason.USER_UNKNOWN, "5.1.1", after=timedelta(minutes=1))
            if event is not None:
                self.coming.append(event)
        self.coming.sort(key=lambda event: (event.at, event.address))

    def gone(self) -> dict[str, datetime]:
        """Return who was removed or disabled, and when."""
        return {decision.address: at for at, decision in self.ledger.journal}


def fine(_: Person, __: datetime) -> bool:
    return False


def world(
    number: int, share: float, every: int, *, policy: Policy | None = None, mailed: bool = False
) -> tuple[World, random.Random]:
    """Return a list mailed every so many days, a share of it at the large domain; two in a hundred die in a year."""
    source = random.Random(7)  # noqa: S311 - the same days each time
    people = subscribers(source, number, domains(400), share)
    for person in people:
        dies = source.uniform(0, 365 / 0.02)
        if dies < 365:
            person.dies = START + timedelta(days=dies)
    ledger = Ledger(policy, GuardSettings(), dict.fromkeys((GROUP, SERVERS), int(number * share)) if mailed else None)
    return World(people, ledger, every), source


def test_a_bad_day_of_a_large_provider_throws_nobody_out() -> None:
    here, _ = world(50_000, 0.8, every=7)
    bad_day = START + DAY * 42
    here.days(0, 42, fine, runs=1)
    before = dict(here.gone())
    assert not here.ledger.storms
    here.days(42, 1, lambda person, _: person.domain == LARGE, runs=8)
    here.days(43, 28, fine, runs=1)
    refused = [event for events in here.ledger.events.values() for event in events if event.at - bad_day < DAY / 4]
    refused = [event for event in refused if event.at > bad_day and event.address.endswith(f"@{LARGE}")]
    assert len(refused) > 39_000
    gone, dies = here.gone(), {person.address: person.dies for person in here.people}
    assert all(dies[address] < at for address, at in gone.items()), "somebody living is gone"
    # The operator is told of it by name; nobody else is suspected.
    assert set(here.ledger.storms) == {GROUP, SERVERS}
    (storm,) = here.ledger.storms[GROUP]
    assert storm.since <= bad_day + HOUR
    assert storm.until >= bad_day + 6 * HOUR
    assert storm.addresses > 39_000
    assert LARGE in storm.why
    # The others are handled as usual, before and on that day and after it.
    others = [person for person in here.people if person.domain != LARGE and person.dies < START + DAY * 61]
    assert all(gone[one.address] <= one.dies + 9 * DAY for one in others)
    # Who was dead at the large domain is found by the mailings after the storm.
    large = [person for person in here.people if person.domain == LARGE and person.dies < START + DAY * 56]
    assert {one.address for one in large} <= set(gone)
    late = [one for one in large if gone[one.address] > one.dies + 9 * DAY]
    assert late
    assert all(gone[one.address] <= bad_day + 16 * DAY for one in late)
    assert len(before) > 20


SHARES = (0.0005, 0.001, 0.003, 0.01, 0.03, 0.10, 0.30)
SIZE = 7000  # living addresses at the large domain


@pytest.mark.parametrize("settle", [DAY, AT_ONCE])
@pytest.mark.parametrize("known", ["history", "mailed", "nothing"])
def test_a_slow_storm_is_stopped_after_few(known: str, settle: timedelta) -> None:
    policy = Policy(name="careful", rows=preset("careful").rows, settle=settle)
    here, source = world(20_000, SIZE / 20_000, every=1, policy=policy, mailed=known == "mailed")
    first = 40 if known == "history" else 0
    here.days(0, first, fine, runs=1)
    drawn = [{one.address for one in here.people if source.random() < share} for share in SHARES]

    def bad(person: Person, sent: datetime) -> bool:
        return person.domain == LARGE and person.address in drawn[(sent - START) // DAY - first]

    here.days(first, len(SHARES), bad)
    here.days(first + len(SHARES), 14, fine, runs=1)
    dies = {person.address: person.dies for person in here.people}
    gone = here.gone()
    wrong = [address for address, at in gone.items() if dies[address] >= at]
    (told_at, told), *_ = [(at, storm) for at, storm in here.ledger.told if storm.group == GROUP]
    day = (told_at - START) // DAY - first + 1
    print(f"{known}, settle {settle // HOUR} h: {len(wrong)} of {SIZE} wrongly gone; day {day}: {told.why}")  # noqa: T201
    storm = here.ledger.storms[GROUP][0]
    assert day <= 5
    assert len(wrong) <= (20 if settle else 45)
    assert storm.since <= START + DAY * (first + 1)
    assert LARGE in storm.why
    assert all(address.endswith(f"@{LARGE}") for address in wrong)
    living = [person for person in here.people if person.domain != LARGE and person.address in gone]
    assert all(gone[one.address] <= one.dies + 3 * DAY for one in living)
    found = [one for one in here.people if one.domain == LARGE and one.dies < START + DAY * (first + 18)]
    assert {one.address for one in found} <= set(gone)


def test_a_bad_day_of_the_servers_of_many_small_domains_throws_nobody_out() -> None:
    here, _ = world(3000, 0.01, every=7)
    host = "hosting.example"
    served = {f"small{place}.example" for place in range(50, 350)}  # each has fewer addresses than any cap
    for person in here.people:
        if person.domain in served:
            person.servers = host
    here.days(0, 28, fine, runs=1)
    here.days(28, 1, lambda person, _: person.servers == host, runs=24)
    here.days(29, 7, fine, runs=1)
    dies = {person.address: person.dies for person in here.people}
    assert all(dies[address] < at for address, at in here.gone().items())
    assert set(here.ledger.storms) == {f"organisation:{host}"}
    (storm,) = here.ledger.storms[f"organisation:{host}"]
    assert storm.addresses > 500


def test_a_bad_day_long_ago_is_seen_when_mail_was_left_lying() -> None:
    here, _ = world(4000, 0.5, every=7)
    for day in (0, 7, 14):
        here.mail(START + DAY * day, lambda person, sent: person.domain == LARGE and sent < START + 3 * DAY)
    here.ledger.run(here.coming, START + 21 * DAY)
    here.coming = []
    here.days(21, 14, fine, runs=1)
    dies = {person.address: person.dies for person in here.people}
    assert all(dies[address] < at for address, at in here.gone().items())
    assert {GROUP, SERVERS} == set(here.ledger.storms)


def test_a_large_domain_that_is_gone_is_told_as_a_storm_and_found_in_the_end() -> None:
    here, _ = world(3000, 0.1, every=7)
    dies = START + DAY * 63
    for person in here.people:
        if person.domain == LARGE:
            person.dies, person.reason = dies, Reason.DOMAIN_NOT_FOUND
    here.days(0, 70, fine, runs=1)
    assert LARGE in here.ledger.storms[GROUP][0].why
    assert not any(address.endswith(f"@{LARGE}") for address in here.gone())
    here.days(70, 70, fine, runs=1)
    found = [at for address, at in here.gone().items() if address.endswith(f"@{LARGE}")]
    assert len(found) == 300
    assert max(found) < dies + 10 * 7 * DAY


def test_without_the_guard_the_same_bad_day_throws_people_out() -> None:
    here, _ = world(2000, 0.5, every=7)
    here.ledger.guard = GuardSettings(storm=False)
    here.days(0, 3, lambda person, _: person.domain == LARGE, runs=1)
    dies = {person.address: person.dies for person in here.people}
    wrong = [address for address, at in here.gone().items() if dies[address] >= at]
    assert len(wrong) == 2 * here.ledger.guard.per_domain  # the caps alone keep it small
    assert all(event.bounce_type is BounceType.HARD for address in wrong for event in here.ledger.events[address])

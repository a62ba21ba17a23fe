"""A normal year: whoever dies is found in time, nobody living is touched, and no person is asked."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from dsnparse.model import Reason
from dsnparse.policy import domain_of
from tests.policy.simulation.ledger import Ledger
from tests.policy.simulation.people import HARMLESS, START, Person, domains, order, returned, subscribers

DAY, WEEK = timedelta(days=1), timedelta(days=7)
PEOPLE, WEEKS, DEATHS = 10_000, 52, 0.02
# Mailings until a death is proven, in weeks; then a day to settle, and the next daily run.
NEEDS = {Reason.USER_UNKNOWN: 1, Reason.MAILBOX_DISABLED: 2, Reason.DOMAIN_NOT_FOUND: 3}


def moment(source: random.Random) -> datetime:
    return START + timedelta(days=source.uniform(0, 7 * WEEKS))


def lives(source: random.Random, people: list[Person]) -> set[str]:
    """Give people their deaths and troubles; return who has a full mailbox for longer than two weeks."""
    for person in source.sample(people, int(len(people) * DEATHS)):
        person.dies = moment(source)
        person.reason = source.choice([Reason.USER_UNKNOWN] * 4 + [Reason.MAILBOX_DISABLED])
    homes: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        homes[person.domain].append(person)
    ends = moment(source)
    for person in source.choice([residents for residents in homes.values() if 8 <= len(residents) <= 20]):
        person.dies, person.reason = ends, Reason.DOMAIN_NOT_FOUND
    for person in source.sample(people, len(people) // 50):  # full for up to twelve days: one mailing or two
        start = moment(source)
        person.troubles.append((start, start + timedelta(days=source.uniform(1, 12)), Reason.MAILBOX_FULL, "5.2.2"))
    full = source.sample(people, len(people) // 500)
    for person in full:
        start = moment(source)
        person.troubles.append((start, start + timedelta(days=source.uniform(28, 60)), Reason.MAILBOX_FULL, "4.2.2"))
    for residents in homes.values():  # each domain blocks, delays or is unreachable for a time
        start = moment(source)
        reason, status = source.choice([*HARMLESS, (Reason.EXPIRED, "4.4.1")])
        end = start + timedelta(days=source.uniform(1, 12 if reason is Reason.EXPIRED else 60))
        for person in residents:
            if source.random() < 0.8:
                person.troubles.append((start, end, reason, status))
    return {person.address for person in full}


def simulate(seed: int) -> tuple[Ledger, list[Person], set[str]]:
    source = random.Random(seed)  # noqa: S311 - the same year each time
    people = subscribers(source, PEOPLE, domains(400))
    full = lives(source, people)
    ledger = Ledger()
    coming = []
    for day in range(7 * WEEKS):
        now = START + DAY * day
        if day % 7 == 0:
            for person, sent in order([one for one in people if not ledger.gone(one.address)], now, lambda _: False):
                event = returned(person, sent)
                if event is not None:
                    coming.append(event)
                    ledger.succeeded.pop(person.address, None)
                elif ledger.events.get(person.address):
                    ledger.succeeded[person.address] = sent
        now += DAY  # the run of every morning
        coming.sort(key=lambda event: (event.at, event.address))
        ledger.run([event for event in coming if event.at <= now], now)
        coming = [event for event in coming if event.at > now]
    return ledger, people, full


def test_in_a_normal_year_the_dead_are_found_in_time_and_the_living_stay() -> None:
    ledger, people, full = simulate(seed=1)
    end = START + WEEK * WEEKS
    acted: dict[str, datetime] = {}
    paused: Counter[str] = Counter()
    for at, decision in ledger.journal:
        if decision.until is None:
            acted.setdefault(decision.address, at)
        else:
            paused[decision.address] += 1
    dead = {person.address: person for person in people if person.dies < end}
    assert len(dead) > PEOPLE * DEATHS
    assert set(acted) <= set(dead), "somebody living is gone"
    assert all(at > dead[address].dies for address, at in acted.items())
    late = {
        address: acted.get(address)
        for address, person in dead.items()
        if (time := person.dies + WEEK * NEEDS[person.reason] + 2 * DAY) < end and acted.get(address, end) > time
    }
    assert not late, "somebody dead is missed"
    assert set(paused) <= full | set(dead), "a short trouble paused somebody"
    assert len(set(paused) & full) > len(full) // 2  # who is full for four weeks gets no mail for a month
    assert not ledger.storms
    assert not [one for one in ledger.open.values() if one.held]
    assert not ledger.waited
    assert (
        max(Counter(domain_of(address) for address in acted).values()) > PEOPLE // 200
    )  # the large domain has its share

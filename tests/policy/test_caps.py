from __future__ import annotations

from dataclasses import replace

import pytest

from dsnparse.model import Decision, Wanted
from dsnparse.policy import Caps, GuardSettings
from tests.policy.events import failure

SETTINGS = GuardSettings(number=10, share=0.05, per_domain=7)


def decision(number: int, domain: str = "example.net", wanted: Wanted = Wanted.REMOVE, on: str = "news") -> Decision:
    address = f"user{number}@{domain}"
    return Decision(address=address, list=on, wanted=wanted, why="", event=failure(address=address))


def allowed(caps: Caps, decisions: list[Decision]) -> int:
    return sum(caps.allowed(one) is None for one in decisions)


def test_a_day_has_a_number() -> None:
    caps = Caps(SETTINGS)
    assert allowed(caps, [decision(n, f"example{n % 2}.net") for n in range(20)]) == 10
    assert caps.allowed(decision(1)) == "10 in 24 hours already, and no more than 10 may be (guard.number)"


def test_what_was_done_before_counts() -> None:
    assert allowed(Caps(SETTINGS, total=8), [decision(n) for n in range(5)]) == 2
    assert allowed(Caps(SETTINGS, domains={"example.net": 6}), [decision(n) for n in range(5)]) == 1
    assert allowed(Caps(SETTINGS, lists={"news": 5}, sizes={"news": 120}), [decision(n) for n in range(5)]) == 1


def test_a_domain_has_a_number_of_its_own() -> None:
    caps = Caps(SETTINGS)
    assert allowed(caps, [decision(n) for n in range(9)]) == 7
    assert (
        caps.allowed(decision(9))
        == "7 of example.net in 24 hours already, and no more than 7 may be (guard.per_domain)"
    )
    assert caps.allowed(decision(1, "example.org")) is None


@pytest.mark.parametrize(("size", "most"), [(1, 5), (20, 5), (100, 5), (140, 7), (179, 8)])
def test_a_list_has_a_share_and_five_are_always_allowed(size: int, most: int) -> None:
    caps = Caps(replace(SETTINGS, per_domain=100), sizes={"news": size})
    assert allowed(caps, [decision(n) for n in range(10)]) == most
    assert (
        caps.allowed(decision(1)) == f"{most} of news in 24 hours already, and no more than {most} may be (guard.share)"
    )
    assert caps.allowed(decision(1, on="other")) is None  # its size is not known


def test_a_restore_is_always_allowed_and_counts_for_nothing() -> None:
    caps = Caps(replace(SETTINGS, number=1))
    assert allowed(caps, [decision(n, wanted=Wanted.RESTORE) for n in range(50)]) == 50
    assert allowed(caps, [decision(n, wanted=Wanted.NONE) for n in range(50)]) == 50
    assert allowed(caps, [decision(n, wanted=Wanted.DISABLE) for n in range(50)]) == 1


def test_nothing_at_all_may_be_done_where_the_number_is_zero() -> None:
    assert allowed(Caps(replace(SETTINGS, number=0)), [decision(1)]) == 0

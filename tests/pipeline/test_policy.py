from __future__ import annotations

from dataclasses import replace

import pytest

from dsnparse.model import BounceType, Wanted
from dsnparse.policy import MAX_REMOVALS, decide, surer
from tests.ledger.test_sqlite import HARD


def test_a_hard_failure_removes() -> None:
    decision = decide(HARD, removals=0)
    assert (decision.address, decision.wanted, decision.held, decision.event) == (
        "alice@example.org",
        Wanted.REMOVE,
        False,
        HARD,
    )


def test_an_address_whose_mail_goes_on_to_a_dead_one_is_held() -> None:
    passed_on = replace(HARD, final_address="member@example.net")
    decision = decide(passed_on, removals=0)
    assert (decision.wanted, decision.held) == (Wanted.REMOVE, True)
    assert "member@example.net" in decision.why
    assert surer(HARD, decision)
    assert not surer(passed_on, decision)
    assert not surer(HARD, decide(HARD, removals=1, cap=0))


def test_the_address_of_a_mail_system_is_held() -> None:
    decision = decide(replace(HARD, address="postmaster@example.org"), removals=0)
    assert (decision.wanted, decision.held) == (Wanted.REMOVE, True)
    assert not decide(decision.event, removals=0, released=True).held


@pytest.mark.parametrize("bounce_type", [BounceType.SOFT, None])
def test_anything_else_does_nothing(bounce_type: BounceType | None) -> None:
    decision = decide(replace(HARD, bounce_type=bounce_type), removals=1000)
    assert (decision.wanted, decision.held) == (Wanted.NONE, False)


@pytest.mark.parametrize(
    ("removals", "cap", "held"),
    [(0, 1, False), (1, 1, True), (0, 0, True), (MAX_REMOVALS - 1, MAX_REMOVALS, False), (100, MAX_REMOVALS, True)],
)
def test_what_goes_beyond_the_cap_is_held(removals: int, cap: int, *, held: bool) -> None:
    assert decide(HARD, removals=removals, cap=cap).held is held

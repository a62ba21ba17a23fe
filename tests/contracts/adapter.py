"""What every adapter keeps to; its tests inherit this class and say how to make one and look at its list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Outcome
from dsnparse.model import BounceType, Decision, Event, Reason, Wanted

if TYPE_CHECKING:
    from dsnparse.adapters import Adapter

HOSTILE = [
    "",
    "alice",
    "-a@example.org",
    "=HYPERLINK(1)@example.org",
    "alice@example.org\nbob@example.org",
    "alice@example.org,bob@example.org",
    "alice@example.org'; DROP TABLE subscribers; --",
    '"a b"@example.org',
    "alice@EXAMPLE.org",  # decisions bear addresses as `checked` gives them, and no others
]


def removal(address: str, **event: str) -> Decision:
    """Return a decision to remove an address."""
    failure = Event(
        address=address,
        original=event.get("original", "news-1@example.org"),
        at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        bounce_type=BounceType.HARD,
        reason=Reason.USER_UNKNOWN,
        status=event.get("status", "5.1.1"),
    )
    return Decision(address=address, wanted=Wanted.REMOVE, why="the address is dead", event=failure)


class AdapterContract(ABC):
    """The tests; `adapter` gives one whose list has alice@example.org and bob@example.org on it."""

    stranger = Outcome.NOT_FOUND  # the outcome for an address that the list does not have

    @abstractmethod
    @pytest.fixture
    def adapter(self) -> Adapter:
        """Return the adapter under test."""

    @abstractmethod
    def removed(self, adapter: Adapter) -> set[str]:
        """Return which of the addresses get no more mail."""

    @abstractmethod
    def break_target(self, adapter: Adapter) -> set[Outcome]:
        """Make the target fail; return the outcomes that may follow."""

    def test_success(self, adapter: Adapter) -> None:
        """What is done is done, and to nobody else."""
        (answer,) = adapter.apply([removal("alice@example.org")])
        assert answer.outcome is Outcome.DONE
        assert self.removed(adapter) == {"alice@example.org"}

    def test_repeat(self, adapter: Adapter) -> None:
        """The same again is `already`, in the same call and in a later one, and changes nothing."""
        decision = removal("alice@example.org")
        first = adapter.apply([decision, decision])
        assert [answer.outcome for answer in first] == [Outcome.DONE, Outcome.ALREADY]
        assert [answer.outcome for answer in adapter.apply([decision])] == [Outcome.ALREADY]
        assert self.removed(adapter) == {"alice@example.org"}

    def test_stranger(self, adapter: Adapter) -> None:
        """Whoever is not on the list is met with a definite answer."""
        (answer,) = adapter.apply([removal("stranger@example.net")])
        assert answer.outcome is self.stranger

    def test_an_answer_for_each_in_order(self, adapter: Adapter) -> None:
        """One bad decision does not stop the others."""
        answers = adapter.apply([removal(one) for one in ("alice@example.org", "a b@example.org", "bob@example.org")])
        assert [answer.outcome for answer in answers] == [Outcome.DONE, Outcome.BAD_REQUEST, Outcome.DONE]
        assert self.removed(adapter) == {"alice@example.org", "bob@example.org"}

    def test_nothing_to_do(self, adapter: Adapter) -> None:
        """No decision, no answer."""
        assert list(adapter.apply([])) == []
        assert self.removed(adapter) == set()

    @pytest.mark.parametrize("address", HOSTILE)
    def test_hostile_address(self, adapter: Adapter, address: str) -> None:
        """What is no plain address reaches no other program."""
        (answer,) = adapter.apply([removal(address)])
        assert answer.outcome is Outcome.BAD_REQUEST
        assert self.removed(adapter) == set()

    def test_broken_target(self, adapter: Adapter) -> None:
        """A target that fails raises nothing; every decision gets an answer that says so in one line."""
        allowed = self.break_target(adapter)
        answers = adapter.apply([removal("alice@example.org"), removal("bob@example.org")])
        assert len(answers) == 2
        for answer in answers:
            assert answer.outcome in allowed
            assert answer.detail
            assert "\n" not in answer.detail

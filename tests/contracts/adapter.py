"""What every adapter keeps to.

The tests of an adapter inherit `AdapterContract`, say how to make one and how to look at its list, and make its target
fail in each way of `Fault`.  What a system does not have (a secret, a server) stands in `without` with the reason.
"""

from __future__ import annotations

import base64
import logging
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome
from dsnparse.model import BounceType, Decision, Event, Reason, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dsnparse.adapters import Adapter, Answer

HOSTILE = [
    "",
    "alice",
    "-a@example.org",
    "--help@example.org",
    "=HYPERLINK(1)@example.org",
    "|sh@example.org",
    "alice@example.org\nbob@example.org",
    "alice@example.org\r\nX-Header: 1",
    "alice@example.org\0",
    "alice@example.org,bob@example.org",
    "alice@example.org'; DROP TABLE subscribers; --",
    "alice@example.org/../../bob@example.org",
    "alice@example.org?x=1#y",
    "$(id)@example.org;id",
    "al\u202eice@example.org",
    "al\udcffice@example.org",
    '"a b"@example.org',
    "alice@EXAMPLE.org",  # decisions bear addresses as `checked` gives them, and no others
]
ALICE, BOB = "alice@example.org", "bob@example.org"
_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_DETAIL = 1000  # characters: a line for a person, not a page of the server's


class Fault(StrEnum):
    """How a target fails, until it is mended."""

    WRONG_SECRET = "wrong_secret"  # noqa: S105 - the name of a fault
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"  # it takes the call and never answers
    GARBAGE = "garbage"  # it answers "success" with what nobody could mean: no JSON, terminal escapes, half a line
    AWAY = "away"  # nothing is there to call
    DIES = "dies"  # it carries the next change out and is away before it has answered


def decision(wanted: Wanted, address: str, list_name: str = "", **event: str) -> Decision:
    """Return a decision on an address."""
    failure = Event(
        address=address,
        list=list_name,
        original=event.get("original", "news-1@example.org"),
        at=_AT,
        bounce_type=BounceType.HARD,
        reason=Reason.USER_UNKNOWN,
        status=event.get("status", "5.1.1"),
        diagnostic=event.get("diagnostic", "550 5.1.1 no such user"),
    )
    until = _AT + timedelta(days=30) if wanted is Wanted.DISABLE else None
    why = "the address is dead"
    return Decision(address=address, list=list_name, wanted=wanted, why=why, event=failure, until=until)


def removal(address: str, **event: str) -> Decision:
    """Return a decision to remove an address."""
    return decision(Wanted.REMOVE, address, **event)


class AdapterContract(ABC):
    """The tests; `adapter` gives one whose list has alice@example.org and bob@example.org on it, and nobody else."""

    list_name: ClassVar[str] = ""  # the list that decisions name
    stranger: ClassVar[Outcome] = Outcome.NOT_FOUND  # the outcome for an address that the list does not have
    repeat: ClassVar[Outcome] = Outcome.ALREADY  # DONE only where the target alone knows
    repeats: ClassVar[Mapping[Wanted, Outcome]] = {}  # where it is another: who was removed may be a stranger by then
    removes: ClassVar[bool] = True
    disables: ClassVar[bool] = True
    restores: ClassVar[bool] = True
    secrets: ClassVar[Sequence[str]] = ()  # what must be told to nobody but the target
    patience: ClassVar[float] = 3.0  # seconds for two decisions that meet a timeout; set the adapter's to 0.2-0.5
    # What may follow a fault.
    outcomes: ClassVar[Mapping[Fault, set[Outcome]]] = {
        Fault.WRONG_SECRET: {Outcome.REFUSED},
        Fault.SERVER_ERROR: {Outcome.RETRY},
        Fault.TIMEOUT: {Outcome.RETRY},
        Fault.GARBAGE: {Outcome.RETRY, Outcome.REFUSED},
        Fault.AWAY: {Outcome.RETRY},
    }
    # What does not fit and why, by test or by fault: {Fault.TIMEOUT: "a file answers at once"}.
    without: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    @pytest.fixture
    def adapter(self) -> Adapter:
        """Return the adapter under test."""

    @abstractmethod
    def removed(self, adapter: Adapter) -> set[str]:
        """Return which of the addresses get no more mail, as the target itself has it."""

    def effects(self, adapter: Adapter) -> Sequence[str]:
        """Return the address of every change that the target made, once for each time it made one.

        To be given where a second call would add something: another record, another mail.
        """
        return sorted(self.removed(adapter))

    def reached(self, adapter: Adapter) -> Sequence[object]:
        """Return all that reached the other program: requests, command lines, statements."""
        return self.effects(adapter)

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        """Make the target fail, until `mend`."""
        raise NotImplementedError(type(self).__name__, fault, adapter.name)

    def mend(self, adapter: Adapter) -> None:
        """Make the target work again, with what it had carried out."""
        raise NotImplementedError(type(self).__name__, adapter.name)

    @pytest.fixture(autouse=True)
    def _leave_out(self, request: pytest.FixtureRequest) -> None:
        name = request.node.originalname
        parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
        fault = Fault.DIES if name == "test_gone_in_the_middle" else parameters.get("fault")
        for key in (str(name), str(fault)):
            if key in self.without:
                pytest.skip(self.without[key])

    def decide(self, wanted: Wanted, *addresses: str) -> list[Decision]:
        """Return a decision for each address."""
        return [decision(wanted, address, self.list_name) for address in addresses]

    def repeated(self, wanted: Wanted) -> Outcome:
        """Return the outcome for what is so already."""
        return self.repeats.get(wanted, self.repeat)

    @property
    def wanted(self) -> Wanted:
        """What the system can do, the stronger first."""
        return Wanted.REMOVE if self.removes else Wanted.DISABLE

    def test_what_is_left_out_is_a_test(self) -> None:
        """A misspelt name leaves nothing out."""
        assert set(self.without) <= {*dir(self), *Fault}

    @pytest.mark.parametrize("wanted", [Wanted.REMOVE, Wanted.DISABLE])
    def test_success(self, adapter: Adapter, wanted: Wanted) -> None:
        """What is done is done, and to nobody else; what the system cannot do changes nothing and says so."""
        able = self.removes if wanted is Wanted.REMOVE else self.disables
        (answer,) = adapter.apply(self.decide(wanted, ALICE))
        assert answer.outcome is (Outcome.DONE if able else Outcome.BAD_REQUEST)
        assert able or answer.detail
        assert self.removed(adapter) == ({ALICE} if able else set())

    @pytest.mark.parametrize("wanted", [Wanted.REMOVE, Wanted.DISABLE])
    def test_repeat(self, adapter: Adapter, wanted: Wanted) -> None:
        """The same again is `already`, in the same call and in a later one, and changes nothing."""
        able = self.removes if wanted is Wanted.REMOVE else self.disables
        if not able:
            pytest.skip(f"{adapter.name} cannot {wanted}")
        again = self.decide(wanted, ALICE) * 2
        assert _outcomes(adapter.apply(again)) == [Outcome.DONE, self.repeated(wanted)]
        assert _outcomes(adapter.apply(again[:1])) == [self.repeated(wanted)]
        assert self.removed(adapter) == {ALICE}
        assert list(self.effects(adapter)) == [ALICE]

    def test_restore(self, adapter: Adapter) -> None:
        """Mail again for who was disabled, or a clear word where the system has no way back."""
        first = Wanted.DISABLE if self.disables else Wanted.REMOVE
        assert _outcomes(adapter.apply(self.decide(first, ALICE, BOB))) == [Outcome.DONE, Outcome.DONE]
        (answer,) = adapter.apply(self.decide(Wanted.RESTORE, ALICE))
        assert answer.outcome is (Outcome.DONE if self.restores else Outcome.BAD_REQUEST)
        assert self.restores or answer.detail
        assert self.removed(adapter) == ({BOB} if self.restores else {ALICE, BOB})
        if self.restores:
            assert _outcomes(adapter.apply(self.decide(Wanted.RESTORE, ALICE))) == [self.repeated(Wanted.RESTORE)]

    @pytest.mark.parametrize("wanted", [Wanted.REMOVE, Wanted.DISABLE])
    def test_stranger(self, adapter: Adapter, wanted: Wanted) -> None:
        """Whoever is not on the list is met with a definite answer."""
        able = self.removes if wanted is Wanted.REMOVE else self.disables
        (answer,) = adapter.apply(self.decide(wanted, "stranger@example.net"))
        assert answer.outcome is (self.stranger if able else Outcome.BAD_REQUEST)
        assert self.removed(adapter) <= {"stranger@example.net"}

    def test_an_answer_for_each_in_order(self, adapter: Adapter) -> None:
        """One bad decision does not stop the others."""
        answers = adapter.apply(self.decide(self.wanted, ALICE, "a b@example.org", "stranger@example.net", BOB))
        assert _outcomes(answers) == [Outcome.DONE, Outcome.BAD_REQUEST, self.stranger, Outcome.DONE]
        assert self.removed(adapter) - {"stranger@example.net"} == {ALICE, BOB}

    def test_nothing_to_do(self, adapter: Adapter) -> None:
        """No decision, no answer."""
        assert list(adapter.apply([])) == []
        assert list(self.effects(adapter)) == []

    @pytest.mark.parametrize("address", HOSTILE)
    def test_hostile_address(self, adapter: Adapter, address: str) -> None:
        """What is no plain address reaches no other program."""
        for wanted in (Wanted.REMOVE, Wanted.DISABLE, Wanted.RESTORE):
            (answer,) = adapter.apply(self.decide(wanted, address))
            assert answer.outcome is Outcome.BAD_REQUEST
            _one_line(answer)
        assert list(self.reached(adapter)) == []

    @pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.DIES])
    def test_fault(self, adapter: Adapter, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
        """A target that fails raises nothing; every decision is answered, and never as if the target had agreed."""
        caplog.set_level(logging.DEBUG)
        self.fail(adapter, fault)
        began = time.monotonic()
        answers = adapter.apply(self.decide(self.wanted, ALICE, BOB))
        assert time.monotonic() - began < self.patience
        assert len(answers) == 2
        for answer in answers:
            assert answer.outcome in self.outcomes[fault], answer
            assert answer.detail
            _one_line(answer)
        self.assert_no_secret(*map(repr, answers), caplog.text)

    @pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.DIES])
    def test_after_a_fault(self, adapter: Adapter, fault: Fault) -> None:
        """The same adapter goes on when the target is mended, and nothing is done twice."""
        self.fail(adapter, fault)
        adapter.apply(self.decide(self.wanted, ALICE))
        self.mend(adapter)
        assert _outcomes(adapter.apply(self.decide(self.wanted, ALICE, BOB))) in (
            [Outcome.DONE, Outcome.DONE],
            [self.repeated(self.wanted), Outcome.DONE],  # the target had heard, and only its answer failed
        )
        assert sorted(self.effects(adapter)) == [ALICE, BOB]

    def test_gone_in_the_middle(self, adapter: Adapter) -> None:
        """A target that dies in a batch: an answer for all, and what it had done is read back and not done again."""
        both = self.decide(self.wanted, ALICE, BOB)
        self.fail(adapter, Fault.DIES)
        answers = adapter.apply(both)
        assert len(answers) == 2
        assert {answer.outcome for answer in answers} <= {Outcome.RETRY, Outcome.DONE, Outcome.ALREADY}
        assert Outcome.RETRY in _outcomes(answers)
        self.mend(adapter)
        done = self.removed(adapter)
        for answer, address in zip(answers, (ALICE, BOB), strict=True):
            assert answer.outcome is Outcome.RETRY or address in done
        assert set(_outcomes(adapter.apply(both))) <= {Outcome.DONE, Outcome.ALREADY, self.repeated(self.wanted)}
        assert self.removed(adapter) == {ALICE, BOB}
        assert sorted(self.effects(adapter)) == [ALICE, BOB]

    def test_check(self, adapter: Adapter) -> None:
        """All is well, and asking changes nothing."""
        assert adapter.check().outcome is Outcome.DONE
        assert list(self.effects(adapter)) == []
        assert self.removed(adapter) == set()

    @pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.DIES])
    def test_check_meets_a_fault(self, adapter: Adapter, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
        """What stands in the way is said in one line, and asking changes nothing."""
        caplog.set_level(logging.DEBUG)
        self.fail(adapter, fault)
        began = time.monotonic()
        answer = adapter.check()
        assert time.monotonic() - began < self.patience
        assert answer.outcome in self.outcomes[fault], answer
        assert answer.detail
        _one_line(answer)
        self.assert_no_secret(repr(answer), caplog.text)
        self.mend(adapter)
        assert list(self.effects(adapter)) == []

    def test_no_secret_is_told(self, adapter: Adapter, caplog: pytest.LogCaptureFixture) -> None:
        """No secret stands in a name, a repr, an answer or a line of the log; the two tests above see to faults."""
        if not self.secrets:
            pytest.skip(f"{adapter.name} has no secret")
        caplog.set_level(logging.DEBUG)
        answers = [*adapter.apply(self.decide(self.wanted, ALICE, "a b@example.org")), adapter.check()]
        self.assert_no_secret(adapter.name, repr(adapter), *map(repr, answers), caplog.text)

    def assert_no_secret(self, *told: str) -> None:
        """Look for every secret, as it is and as basic authentication writes it."""
        for secret in self.secrets:
            assert not [words for words in told if holds(words, secret)]


def _outcomes(answers: Iterable[Answer]) -> list[Outcome]:
    return [answer.outcome for answer in answers]


def _one_line(answer: Answer) -> None:
    assert answer.detail.isprintable()
    assert len(answer.detail) <= _DETAIL


def holds(words: str, secret: str) -> bool:
    """Tell whether words hold a secret, as it is or as base64 has it, wherever it stands in what was encoded."""
    encoded = [base64.b64encode(b"x" * shift + secret.encode()).decode().rstrip("=") for shift in range(3)]
    inner = [words[start:-2] for words, start in zip(encoded, (0, 2, 3), strict=True)]
    return any(each in words for each in (secret, *inner))

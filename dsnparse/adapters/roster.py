"""List managers that are told by commands which do not tell the truth: read who is there, change, and read again.

The commands of mlmmj, Sympa and courier-mlm exit with 0 where nothing was done (docs/adapters.md has what each of them
did when it was run).  So what counts is who is on the list before and after.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome
from dsnparse.adapters.program import Ran, run
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsnparse.model import Decision

__all__ = ["MAIL", "NO_MAIL", "Change", "Roster", "Unreadable", "carry_out", "failure", "no_resubscribing"]

MAIL: Final = "mail"  # on the list, and gets its mails
NO_MAIL: Final = "no mail"  # on the list without getting any
_SILENCES: Final = 3  # so many commands in a row that do not end, and a batch ends: the wait must not grow with it


class Unreadable(Exception):  # noqa: N818 - no error of ours: what the list manager met
    """The list cannot be read; `answer` is for every decision about it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A command, and what it is to lead to."""

    command: tuple[str, ...]
    given: bytes = b""  # its input
    to: str | None  # MAIL, NO_MAIL; None: not on the list
    owner: tuple[int, int] | None = None  # who runs it; None: we


class Roster(ABC):
    """The adapter for one list: each system says how its list is read and changed."""

    one_list = True
    timeout: float  # seconds for a command

    @property
    @abstractmethod
    def name(self) -> str:
        """The kind and the list."""

    @abstractmethod
    def read(self) -> Mapping[str, str]:
        """Return who is on the list, in lower case, with MAIL or NO_MAIL; raises Unreadable."""

    @abstractmethod
    def plan(self, decision: Decision, now: str | None) -> Change | Answer:
        """Return what leads from MAIL, NO_MAIL or None to what is wanted, or the answer where nothing does."""

    @abstractmethod
    def told(self, decision: Decision, ran: Ran) -> Answer:
        """Return what a command that ended says of its change; DONE is looked after."""

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """See `Adapter`."""
        return carry_out(self, decisions)

    def check(self) -> Answer:
        """Tell whether the list can be read; where rights are looked at, whether we may change it too."""
        try:
            self.read()
        except Unreadable as problem:
            return problem.answer
        return Answer(outcome=Outcome.DONE)


def carry_out(roster: Roster, decisions: Sequence[Decision]) -> list[Answer]:
    """Carry decisions out, and believe what the list shows afterwards."""
    answers = [UNSAFE] * len(decisions)
    sound = {place: one for place, one in enumerate(decisions) if checked(one.address) == one.address}
    if not sound:
        return answers
    try:
        members = dict(roster.read())
    except Unreadable as problem:
        for place in sound:
            answers[place] = problem.answer
        return answers
    changes: dict[int, tuple[str | None, Change]] = {}
    stopped: Answer | None = None
    silences = 0
    for place, decision in sound.items():
        address = decision.address.lower()
        try:
            step = roster.plan(decision, members.get(address))
        except Unreadable as problem:
            step = problem.answer
        if isinstance(step, Answer):
            answers[place] = step
        elif stopped is not None:
            answers[place] = stopped
        else:
            ran = run(step.command, step.given, timeout=roster.timeout, owner=step.owner)
            answers[place] = roster.told(decision, ran) if ran.status is not None else failure(ran)
            silences = silences + 1 if ran.status is None else 0
            stopped = answers[place] if ran.hopeless or silences >= _SILENCES else None
            changes[place] = (members.get(address), step)
            if answers[place].outcome is Outcome.DONE:
                _note(members, address, step.to)
    if changes:
        _look_after(roster, sound, changes, answers)
    return answers


def failure(ran: Ran) -> Answer:
    """Return the answer for a command that did not come to its end."""
    return Answer(outcome=Outcome.REFUSED if ran.hopeless else Outcome.RETRY, detail=ran.problem)


def no_resubscribing(wanted: Wanted) -> Answer:
    """Return the answer where an address would have to be subscribed again, which the settings do not allow."""
    if wanted is Wanted.RESTORE:
        detail = "not on the list any more: a person must subscribe it again, or the setting resubscribe allow it"
    else:
        detail = "can be removed, not disabled; with resubscribe = true it is removed and later subscribed again"
    return Answer(outcome=Outcome.BAD_REQUEST, detail=detail)


def _note(members: dict[str, str], address: str, to: str | None) -> None:
    if to is None:
        members.pop(address, None)
    else:
        members[address] = to


def _look_after(
    roster: Roster,
    decisions: Mapping[int, Decision],
    changes: Mapping[int, tuple[str | None, Change]],
    answers: list[Answer],
) -> None:
    """Read the list again; for an address that was changed twice, only its last change can be seen."""
    last = {decisions[place].address.lower(): place for place in changes}
    try:
        members = roster.read()
    except Unreadable as problem:
        for place in changes:
            answers[place] = Answer(outcome=Outcome.RETRY, detail=problem.answer.detail)
        return
    for address, place in last.items():
        before, change = changes[place]
        so = members.get(address) == change.to
        outcome = answers[place].outcome
        if so and before != change.to and outcome is Outcome.RETRY:
            answers[place] = Answer(outcome=Outcome.DONE)
        elif not so and outcome is Outcome.DONE:
            answers[place] = Answer(outcome=Outcome.RETRY, detail="said to be done, and the list shows nothing of it")

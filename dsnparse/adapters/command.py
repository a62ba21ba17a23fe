"""Any command of the owner's, once for each decision; its exit status is its answer.

The words of the command stand in the settings, with places such as {address} that are filled within their word: there
is no shell, and nothing of a mail makes a word more or another program.  The whole decision is JSON on its input.
"""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome
from dsnparse.adapters.document import document
from dsnparse.adapters.program import Ran, run
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Command", "make"]

_TIMEOUT: Final = timedelta(seconds=30)
_SILENCES: Final = 3  # so many commands in a row that do not end, and a batch ends: the wait must not grow with it
_PLACE: Final = re.compile(r"\{(\w*)\}")
_SHELL: Final = re.compile(r"(?:ba|da|k|z|a)?sh|python[0-9.]*|perl|ruby|node|php")
_SCRIPT: Final = re.compile(r"-[a-z]*[ce]")  # what stands behind it is code: `sh -c`, `perl -e`, `bash -lc`
_REASON: Final = re.compile(r"[a-z][a-z_-]{0,63}")  # a feedback type (RFC 5965 section 7.3) is a word of a mail's
# 75 is EX_TEMPFAIL of sysexits.h.
_OUTCOMES: Final = {0: Outcome.DONE, 3: Outcome.ALREADY, 4: Outcome.NOT_FOUND, 75: Outcome.RETRY}
_LAST_STATUS: Final = 255
_WANTED: Final = (Wanted.DISABLE, Wanted.REMOVE, Wanted.RESTORE)


def _reason(decision: Decision) -> str:
    reason = decision.event.reason or decision.event.feedback_type or ""
    return reason if _REASON.fullmatch(reason) else ""


_PLACES: Final[Mapping[str, Callable[[Decision], str]]] = {
    "address": lambda decision: decision.address,
    "list": lambda decision: decision.list,
    "wanted": lambda decision: decision.wanted,
    "reason": _reason,
    "id": lambda decision: decision.id,
}


def make(table: Table) -> Command:
    """Make the adapter from `command`, `check`, `wanted`, `exit`, `timeout`."""
    command = _words(table, "command")
    for word in command:
        for place in _PLACE.findall(word):
            if place not in _PLACES:
                error = table.bad("command", f"{{{place}}} is none of {', '.join(_PLACES)}")
                raise error
    if _PLACE.search(command[0]):
        error = table.bad("command", "the program itself is no place for words of a decision")
        raise error
    script = any(_SHELL.fullmatch(word.rpartition("/")[2]) for word in command)
    behind = pairwise(command)
    if script and any(_SCRIPT.fullmatch(word) and _PLACE.search(after) for word, after in behind):
        error = table.bad("command", 'a script behind "-c" is no place for words of a decision: hand them as "$1"')
        raise error
    wanted = table.texts("wanted", _WANTED)
    for one in wanted:
        if one not in _WANTED:
            error = table.bad("wanted", f"{one!r} is none of {', '.join(_WANTED)}")
            raise error
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    return Command(
        command,
        check=_words(table, "check") if table.has("check") else (),
        wanted=frozenset(map(Wanted, wanted)),
        outcomes=_OUTCOMES | _outcomes(table.table("exit")),
        timeout=timeout,
    )


class Command:
    """The adapter for one command."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        check: Sequence[str] = (),
        wanted: frozenset[Wanted] = frozenset(_WANTED),
        outcomes: Mapping[int, Outcome] = _OUTCOMES,
        timeout: float = 30,
    ) -> None:
        """Take the command.

        command: the program and its words, with places; check: a command that changes nothing and exits with 0 when
        all is well; wanted: what the command can do; outcomes: what an exit status means; timeout: in seconds.
        """
        self._command = tuple(command)
        self._check = tuple(check)
        self._wanted = wanted
        self._outcomes = outcomes
        self._timeout = timeout

    @property
    def name(self) -> str:
        """The kind and the command."""
        return f"command:{shlex.join(self._command)}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Run the command for each; after three in a row that do not end, the rest is for later."""
        answers: list[Answer] = []
        last, silences = Ran(status=None), 0
        for decision in decisions:
            answer = self._without_a_call(decision)
            if answer is None and not last.hopeless and silences < _SILENCES:
                given = json.dumps(document(decision)).encode()  # ASCII, whatever the mail held
                last = run(self._filled(decision), given, timeout=self._timeout)
                silences = 0 if last.status is not None else silences + 1
            answers.append(answer or self._answer(last))
        return answers

    def check(self) -> Answer:
        """Run the command for checking, or look whether the program is there."""
        import shutil  # noqa: PLC0415 - for `doctor` alone

        if self._check:
            ran = run(self._check, timeout=self._timeout)
            return Answer(outcome=Outcome.DONE) if ran.status == 0 else _in_the_way(self._answer(ran), ran)
        if shutil.which(self._command[0]) is None:
            return Answer(outcome=Outcome.REFUSED, detail=f"{self._command[0]}: is no program that can be started")
        return Answer(outcome=Outcome.DONE)

    def _without_a_call(self, decision: Decision) -> Answer | None:
        if checked(decision.address) != decision.address:
            return UNSAFE
        if decision.wanted not in self._wanted:
            return Answer(outcome=Outcome.BAD_REQUEST, detail=f"the settings say that this cannot {decision.wanted}")
        if decision.list.startswith("-") or not decision.list.isprintable():
            return Answer(outcome=Outcome.BAD_REQUEST, detail="no name of a list that is safe to hand over")
        return None

    def _filled(self, decision: Decision) -> list[str]:
        """Fill the places: what is put into one is not looked at for further places."""
        return [_PLACE.sub(lambda place: _PLACES[place[1]](decision), word) for word in self._command]

    def _answer(self, ran: Ran) -> Answer:
        if ran.status is None:
            return Answer(outcome=Outcome.REFUSED if ran.hopeless else Outcome.RETRY, detail=ran.problem)
        by = self._command[0]
        if ran.status < 0:
            return Answer(outcome=Outcome.RETRY, detail=f"{by}: was ended by signal {-ran.status}")
        outcome = self._outcomes.get(ran.status, Outcome.REFUSED)
        return Answer(outcome=outcome, detail="" if outcome.settled else f"{by}: ended with {ran.status}")


def _words(table: Table, key: str) -> tuple[str, ...]:
    words = table.texts(key, None)
    if not words or not words[0] or not all(word.isprintable() for word in words):
        error = table.bad(key, "must be the program and its words, in printable letters")
        raise error
    return words


def _outcomes(table: Table) -> dict[int, Outcome]:
    """Return what the owner says of exit statuses: [adapter.exit] with lines such as 3 = "already"."""
    outcomes = {}
    for key in table.keys():  # noqa: SIM118 - a method of Table's
        if not key.isascii() or not key.isdigit() or int(key) > _LAST_STATUS:
            error = table.bad(key, f"is no exit status: 0 to {_LAST_STATUS}")
            raise error
        outcomes[int(key)] = Outcome(table.choice(key, tuple(Outcome)))
    table.done()
    return outcomes


def _in_the_way(answer: Answer, ran: Ran) -> Answer:
    """Return what a check met: no exit status but 0 says that all is well."""
    refused = Answer(outcome=Outcome.REFUSED, detail=f"the command for checking ended with {ran.status}")
    return refused if answer.outcome.settled else answer

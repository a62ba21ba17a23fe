"""phpList 3, by its command line: the blacklist.

Written from runs of phpList 3, and not run against it since; docs/adapters.md says what follows from that.  The command
prints OK for strangers and for repeats too and always exits with 0, and there is no command that reads the blacklist:
`done` is that phpList said OK.
"""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome
from dsnparse.adapters.program import Ran, run
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["PhpList", "make"]

_TIMEOUT: Final = timedelta(seconds=30)
_SILENCES: Final = 3  # so many programs in a row that do not end, and a batch ends: the wait must not grow with it
_NO_WAY_BACK: Final = Answer(
    outcome=Outcome.BAD_REQUEST,
    detail="phpList's command line takes nobody off the blacklist, so nobody is put there for a time only",
)
_BY_HAND: Final = Answer(
    outcome=Outcome.BAD_REQUEST,
    detail="phpList's command line takes nobody off the blacklist: a person must do it there",
)


def make(table: Table) -> PhpList:
    """Make the adapter; `command` is how phpList is started: the program and its words."""
    command = table.texts("command", None)
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not command or not all(word and word.isprintable() for word in command):
        error = table.bad("command", "must be the program and its words, in printable letters")
        raise error
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    return PhpList(command, timeout)


class PhpList:
    """The adapter for one phpList."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        self._command = tuple(command)
        self._timeout = timeout

    @property
    def name(self) -> str:
        """The kind and the command."""
        return f"phplist:{shlex.join(self._command)}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Put each address on the blacklist; after three programs in a row that do not end, the rest is for later."""
        answers: list[Answer] = []
        last, silences = Ran(status=None), 0
        for decision in decisions:
            answer = _without_a_call(decision)
            if answer is None and not last.hopeless and silences < _SILENCES:
                last = run([*self._command, "-pblacklistemail", "-e", decision.address], timeout=self._timeout)
                silences = 0 if last.status is not None else silences + 1
            answers.append(answer or self._answer(last))
        return answers

    def check(self) -> Answer:
        """Tell whether the program is there; it is not started, since no call is known that changes nothing."""
        import shutil  # noqa: PLC0415 - for `doctor` alone

        if shutil.which(self._command[0]) is None:
            return Answer(outcome=Outcome.REFUSED, detail=f"{self._command[0]}: is no program that can be started")
        return Answer(outcome=Outcome.DONE)

    def _answer(self, ran: Ran) -> Answer:
        if ran.status is None:
            return Answer(outcome=Outcome.REFUSED if ran.hopeless else Outcome.RETRY, detail=ran.problem)
        lines = [line for line in map(bytes.strip, ran.output.splitlines()) if line]
        if ran.status == 0 and lines and lines[-1] == b"OK":
            return Answer(outcome=Outcome.DONE)
        if ran.status == 0 and lines and lines[-1] == b"FAIL":
            return Answer(outcome=Outcome.RETRY, detail=f"{self._command[0]}: says that it failed")
        words = "said neither OK nor FAIL" if ran.status == 0 else f"ended with {ran.status}"
        return Answer(outcome=Outcome.RETRY, detail=f"{self._command[0]}: {words}")


def _without_a_call(decision: Decision) -> Answer | None:
    if checked(decision.address) != decision.address:
        return UNSAFE
    if decision.wanted is Wanted.RESTORE:
        return _BY_HAND
    return None if decision.until is None else _NO_WAY_BACK

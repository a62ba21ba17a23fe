"""Sympa, by its command line: one list.

Sympa 6.2.70 exits with 1 for strangers, repeats, closed lists and lists that are not there; its reports tell which.
Their words are in the language of the list, so what is looked at is their sort, such as `[user]`, and whether they
name the address.  `sympa review` leaves out members who are concealed, so that "not there" is for `sympa del` to say.
`sympa bouncers` is not used: it acts on all bouncing members of a list at once.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.program import Ran, run
from dsnparse.adapters.roster import MAIL, Change, Roster, Unreadable, failure, no_resubscribing
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Sympa", "make"]

_TIMEOUT: Final = timedelta(seconds=60)
_LIST: Final = re.compile(r"[a-z0-9][a-z0-9.+_-]*@[a-z0-9][a-z0-9.-]*", re.IGNORECASE)
_COUNT: Final = re.compile(r"([0-9]+) member\(s\) in list \S+")
_MEMBER: Final = re.compile(r"\S+@\S+")
_REPORT: Final = re.compile(r"(?:add|del) \[(\w+)\] (.*)")
_NO_LIST: Final = "(list is expected)"
_NO_RIGHT: Final = "Failed to change process user ID"


def make(table: Table) -> Sympa:
    """Make the adapter from `list`, `command`, `resubscribe`, `timeout`."""
    name = table.text("list")
    if not _LIST.fullmatch(name):  # without a domain Sympa would take its default one
        error = table.bad("list", "must be the list's address, such as news@lists.example.org")
        raise error
    command = table.texts("command", ("sympa",))
    if not command or not all(word and word.isprintable() for word in command):
        error = table.bad("command", "must be the program and its words, in printable letters")
        raise error
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    options = (f"--config={table.path('config')}",) if table.has("config") else ()
    resubscribe = table.flag("resubscribe", default=False)
    return Sympa(name, command=command, options=options, resubscribe=resubscribe, timeout=timeout)


class Sympa(Roster):
    """The adapter for one list."""

    def __init__(
        self,
        name: str,
        *,
        command: Sequence[str] = ("sympa",),
        options: Sequence[str] = (),
        resubscribe: bool = False,
        timeout: float = 60,
    ) -> None:
        """Take where it is.

        name: the list's address; command: how sympa is started; options: for each of its commands; resubscribe:
        whether a restore may subscribe an address, so that a disable may remove it; timeout: seconds for a command.
        """
        self._list = name.lower()
        self._command = tuple(command)
        self._options = tuple(options)
        self._resubscribe = resubscribe
        self.timeout = timeout

    @property
    def name(self) -> str:
        """The kind and the list."""
        return f"sympa:{self._list}"

    def read(self) -> Mapping[str, str]:
        """Return who is on the list and not concealed."""
        ran = run(self._words("review"), timeout=self.timeout)
        if ran.status is None:
            raise Unreadable(failure(ran))
        said = ran.output.decode("utf-8", "replace")
        lines = [line.strip().lower() for line in said.splitlines()]
        counts = [_COUNT.match(line) for line in lines]
        place = next((place for place, count in enumerate(counts) if count), None)
        members = [line for line in lines[place:] if _MEMBER.fullmatch(line) and line.isprintable()]
        count = None if place is None else counts[place]
        if ran.status != 0 or count is None or int(count[1]) != len(members):
            detail = f"sympa review gave no list and ended with {ran.status}: try it by hand, as the user of the runs"
            raise Unreadable(self._problem(said) or Answer(outcome=Outcome.RETRY, detail=detail))
        return dict.fromkeys(members, MAIL)

    def plan(self, decision: Decision, now: str | None) -> Change | Answer:
        """See `Roster`."""
        restore = decision.wanted is Wanted.RESTORE
        if restore and now is not None:
            return Answer(outcome=Outcome.ALREADY)
        if decision.wanted is not Wanted.REMOVE and not self._resubscribe:
            return no_resubscribing(decision.wanted)
        return Change(
            command=self._words("add" if restore else "del", "--quiet"),
            given=f"{decision.address}\n".encode(),
            to=MAIL if restore else None,
        )

    def told(self, decision: Decision, ran: Ran) -> Answer:
        """Tell its reports apart."""
        said = ran.output.decode("utf-8", "replace")
        reports = [report for line in said.splitlines() if (report := _REPORT.match(line.strip()))]
        ours = {report[1]: report[2] for report in reports if _names(report[2], decision.address)}
        if ran.status == 0 and "notice" in ours:
            return Answer(outcome=Outcome.DONE)
        if "user" in ours and decision.wanted is not Wanted.RESTORE:
            return Answer(outcome=Outcome.NOT_FOUND)
        if "user" in ours and "already" in ours["user"]:
            return Answer(outcome=Outcome.ALREADY)
        if any(report[1] == "user" for report in reports):
            return Answer(outcome=Outcome.REFUSED, detail=f"Sympa does not do this for {self._list}: is the list open?")
        return self._problem(said) or Answer(outcome=Outcome.RETRY, detail=f"Sympa's command ended with {ran.status}")

    def _words(self, verb: str, *options: str) -> tuple[str, ...]:
        return (*self._command, verb, *self._options, *options, self._list)

    def _problem(self, said: str) -> Answer | None:
        if _NO_LIST in said:
            return Answer(outcome=Outcome.REFUSED, detail=f"{self._list}: Sympa has no such list")
        if _NO_RIGHT in said:
            return Answer(outcome=Outcome.REFUSED, detail="Sympa's command must be run as root or as Sympa's user")
        return None


def _names(words: str, address: str) -> bool:
    """Tell whether a report names this address, and not one that only ends or begins with it."""
    found = words.lower().find(address.lower())
    if found < 0:
        return False
    before, after = words[:found][-1:], words[found + len(address) :][:2]
    return before in {"", " ", "'", '"', "<"} and not re.match(r"[\w-]|\.\w", after)

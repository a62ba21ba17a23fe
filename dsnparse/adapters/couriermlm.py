"""courier-mlm, by its command: one list, in its folder.

couriermlm 1.0.16 exits with 9 for somebody who is not subscribed (or is already), and with 70 where it cannot get at
the list; but with 0 for a folder that is no list, and where it was not allowed to change the list.  As root it makes
files that the list's owner cannot use, so it is run as the owner of the folder.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.program import Ran, run
from dsnparse.adapters.roster import MAIL, Change, Roster, Unreadable, failure, no_resubscribing
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["CourierMlm", "make"]

_TIMEOUT: Final = timedelta(seconds=30)
_NOTHING_TO_DO: Final = 9
_NO_LIST: Final = 70
_MEMBER: Final = re.compile(r"(\S+@\S+) \([^()]*\)")  # alice@example.org (22-Nov-2026)


def make(table: Table) -> CourierMlm:
    """Make the adapter from `folder`, `program`, `resubscribe`, `timeout`."""
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    program = table.text("program", "couriermlm")
    if not program or not program.isprintable():
        error = table.bad("program", "must be the name or the path of couriermlm")
        raise error
    resubscribe = table.flag("resubscribe", default=False)
    return CourierMlm(table.path("folder"), program=program, resubscribe=resubscribe, timeout=timeout)


class CourierMlm(Roster):
    """The adapter for one list."""

    def __init__(
        self, folder: str, *, program: str = "couriermlm", resubscribe: bool = False, timeout: float = 30
    ) -> None:
        """Take where it is.

        folder: of the list; program: couriermlm; resubscribe: whether a restore may subscribe an address, so that a
        disable may remove it; timeout: seconds for a command.
        """
        self._folder = os.path.abspath(folder)  # noqa: PTH100 - paths stay strings
        self._program = program
        self._resubscribe = resubscribe
        self.timeout = timeout

    @property
    def name(self) -> str:
        """The kind and the folder."""
        return f"couriermlm:{self._folder}"

    def read(self) -> Mapping[str, str]:
        """Return who is on the list."""
        ran = run((self._program, "lsub", self._folder), timeout=self.timeout, owner=self._owner())
        if ran.status is None:
            raise Unreadable(failure(ran))
        if ran.status == _NO_LIST:
            raise Unreadable(self._no_list())
        lines = ran.output.decode("utf-8", "replace").splitlines()
        members = [_MEMBER.fullmatch(line) for line in lines]
        if ran.status != 0 or not all(member and member[1].isprintable() for member in members):
            raise Unreadable(Answer(outcome=Outcome.RETRY, detail="couriermlm lsub did not give a list of addresses"))
        return {member[1].lower(): MAIL for member in members if member}

    def plan(self, decision: Decision, now: str | None) -> Change | Answer:
        """See `Roster`."""
        restore = decision.wanted is Wanted.RESTORE
        if restore and now is not None:
            return Answer(outcome=Outcome.ALREADY)
        if decision.wanted is not Wanted.REMOVE and not self._resubscribe:
            return no_resubscribing(decision.wanted)
        if not restore and now is None:
            return Answer(outcome=Outcome.NOT_FOUND)
        return Change(
            command=(self._program, "sub" if restore else "unsub", self._folder, decision.address),
            given=f"dsnparse {decision.wanted} {decision.id}\n".encode(),  # kept there with the address
            to=MAIL if restore else None,
            owner=self._owner(),
        )

    def told(self, decision: Decision, ran: Ran) -> Answer:
        """Tell its exit statuses apart."""
        if ran.status == 0:
            return Answer(outcome=Outcome.DONE)
        if ran.status == _NOTHING_TO_DO:
            there = decision.wanted is Wanted.RESTORE
            return Answer(outcome=Outcome.ALREADY if there else Outcome.NOT_FOUND)
        if ran.status == _NO_LIST:
            return self._no_list()
        return Answer(outcome=Outcome.RETRY, detail=f"couriermlm ended with {ran.status}")

    def _no_list(self) -> Answer:
        return Answer(outcome=Outcome.REFUSED, detail=f"{self._folder}: couriermlm cannot get at this list")

    def _owner(self) -> tuple[int, int] | None:
        """Return as whom it is to run: the owner of the list, which only that user and root can do."""
        try:
            state = Path(self._folder).stat()
            Path(self._folder, "sublist").stat()
        except OSError as error:
            detail = f"{self._folder}: is no list of courier-mlm that can be read: {error.strerror}"
            raise Unreadable(Answer(outcome=Outcome.REFUSED, detail=detail)) from None
        if os.geteuid() == state.st_uid:
            return None
        if os.geteuid() == 0:
            return (state.st_uid, state.st_gid)
        detail = f"{self._folder}: must be done as root or as the owner of this folder"
        raise Unreadable(Answer(outcome=Outcome.REFUSED, detail=detail))

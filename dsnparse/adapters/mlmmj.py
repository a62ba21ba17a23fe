"""mlmmj, by its commands: one list, in its folder.

Disabling makes a member one of the "nomail version": it stays subscribed and gets no posts.  Removing unsubscribes from
all versions, without a goodbye mail and without a word to the list's owner.  mlmmj 1.3.0 exits with 0 for strangers and
for repeats, and where its commands may not read the list: they then see nobody.  So that is looked at first.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.program import Ran, run
from dsnparse.adapters.roster import MAIL, NO_MAIL, Change, Roster, Unreadable, failure, no_resubscribing
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Mlmmj", "make"]

_TIMEOUT: Final = timedelta(seconds=30)
_FOLDERS: Final = ("subscribers.d", "digesters.d", "nomailsubs.d")
_QUIET: Final = ("-s", "-q")  # no mail to somebody who is not (or is already) subscribed, no notice to the owner
_VERSIONS: Final = (("-s", MAIL), ("-d", MAIL), ("-n", NO_MAIL))  # mlmmj-list's options


def make(table: Table) -> Mlmmj:
    """Make the adapter from `folder`, `programs`, `resubscribe`, `timeout`."""
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    return Mlmmj(
        table.path("folder"),
        programs=table.path("programs", "/usr/bin"),
        resubscribe=table.flag("resubscribe", default=False),
        timeout=timeout,
    )


class Mlmmj(Roster):
    """The adapter for one list."""

    def __init__(
        self, folder: str, *, programs: str = "/usr/bin", resubscribe: bool = False, timeout: float = 30
    ) -> None:
        """Take where it is.

        folder: of the list; programs: the folder of mlmmj's commands; resubscribe: whether a restore may subscribe an
        address that is not on the list; timeout: seconds for a command.
        """
        # mlmmj needs both in full: it starts others of its commands from there.
        self._folder = os.path.abspath(folder)  # noqa: PTH100 - paths stay strings
        self._programs = os.path.abspath(programs)  # noqa: PTH100 - likewise
        self._resubscribe = resubscribe
        self.timeout = timeout

    @property
    def name(self) -> str:
        """The kind and the folder."""
        return f"mlmmj:{self._folder}"

    def read(self) -> Mapping[str, str]:
        """Return who is on the list; who gets mails in any version gets mails."""
        if problem := self._obstacle():
            raise Unreadable(Answer(outcome=Outcome.REFUSED, detail=problem))
        members: dict[str, str] = {}
        for option, kind in _VERSIONS:
            ran = run(self._command("list", option), timeout=self.timeout)
            if ran.status is None:
                raise Unreadable(failure(ran))
            for address in _addresses(ran):
                members.setdefault(address, kind)
        return members

    def plan(self, decision: Decision, now: str | None) -> Change | Answer:
        """See `Roster`."""
        address = ("-a", decision.address)
        if decision.wanted is Wanted.RESTORE:
            if now is None and not self._resubscribe:
                return no_resubscribing(decision.wanted)
            again = Change(command=(*self._command("sub", *_QUIET, "-f"), *address), to=MAIL)
            return Answer(outcome=Outcome.ALREADY) if now == MAIL else again
        if now is None:
            return Answer(outcome=Outcome.NOT_FOUND)
        if decision.wanted is Wanted.REMOVE:
            return Change(command=(*self._command("unsub", *_QUIET), *address), to=None)
        off = Change(command=(*self._command("sub", *_QUIET, "-f", "-n"), *address), to=NO_MAIL)
        return Answer(outcome=Outcome.ALREADY) if now == NO_MAIL else off

    def told(self, decision: Decision, ran: Ran) -> Answer:
        """Its exit status says little; the list is read again."""
        del decision
        if ran.status == 0:
            return Answer(outcome=Outcome.DONE)
        return Answer(outcome=Outcome.RETRY, detail=f"mlmmj's command ended with {ran.status}")

    def _command(self, verb: str, *options: str) -> tuple[str, ...]:
        return (f"{self._programs}/mlmmj-{verb}", "-L", self._folder, *options)

    def _obstacle(self) -> str:
        """Tell what would make mlmmj see nobody, or do nothing."""
        try:
            owner = Path(self._folder).stat().st_uid
            files = [Path(entry) for name in _FOLDERS for entry in os.scandir(f"{self._folder}/{name}")]
        except OSError as error:
            return f"{self._folder}: is no list of mlmmj that can be read: {error.strerror}"
        if os.geteuid() not in {0, owner}:
            return f"{self._folder}: must be done as root or as the owner of this folder"
        closed = next((path for path in files if not os.access(path, os.R_OK)), None)
        return f"{closed}: cannot be read" if closed else ""


def _addresses(ran: Ran) -> list[str]:
    """Return the addresses of a list; anything else among them, such as an error, makes it none."""
    lines = [line.strip().lower() for line in ran.output.decode("utf-8", "replace").splitlines()]
    addresses = [line for line in lines if line]
    if ran.status != 0 or not all("@" in each and each.isprintable() and " " not in each for each in addresses):
        raise Unreadable(Answer(outcome=Outcome.RETRY, detail="mlmmj-list did not give a list of addresses"))
    return addresses

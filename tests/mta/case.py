"""The words of the runs: a server under test and the mails that are sent through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SENDER = "news+{name}@example.com"  # a sender of its own for each case: what comes back to it belongs to the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One mail to one or more recipients, and the files that the answers to it become, in the order of arrival."""

    name: str
    to: tuple[str, ...]
    files: tuple[str, ...] = ()  # empty: one answer, named like the case; an empty string: an answer not kept
    notify: str = ""  # RFC 3461 NOTIFY, for every recipient
    envid: str = ""  # RFC 3461 ENVID
    ret: str = ""  # RFC 3461 RET: FULL or HDRS
    orcpt: tuple[str, ...] = ()  # RFC 3461 ORCPT, one for each recipient
    utf8: bool = False  # send with SMTPUTF8 (RFC 6531)
    headers: tuple[str, ...] = ()  # further header lines of the mail
    body: str = ""
    size: int = 0  # pad the body to about this many bytes
    command: str = ""  # hand the mail to this command inside the root instead of SMTP; {sender} and {to} are filled in
    sender: str = ""  # another envelope sender; the answer then has to be caught by `collect`
    collect: str = ""  # the mailbox at our MX where the answer arrives, when it is not the sender's

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the answers."""
        return self.files or (self.name,)

    @property
    def mailbox(self) -> str:
        """The address at which the answers are caught."""
        return self.collect or SENDER.format(name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server: what to install, how to set it up and start it, and what to send through it."""

    name: str
    root: str  # the throwaway root it runs in, and the folder of its fixtures; two set-ups of a server share one
    packages: tuple[str, ...]
    npm: tuple[str, ...] = ()  # packages from npm, installed below /opt
    version: str  # a shell command that prints the name and version
    files: Mapping[str, str] = field(default_factory=dict)  # path below / -> contents
    setup: str = ""  # shell commands, run inside the root
    start: str = ""
    tick: str = ""  # run every few seconds while answers are missing, such as a queue run
    stop: str = ""
    port: int = 25
    patience: int = 60  # seconds until answers that are still missing are given up
    cases: tuple[Case, ...] = ()

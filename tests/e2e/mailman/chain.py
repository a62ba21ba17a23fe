"""A list whose mail goes through Postfix to an MX that takes, refuses, defers, and says nothing."""

from __future__ import annotations

import contextlib
import shutil
import smtplib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.mailman import postfix, server
from tests.e2e.mailman.mx import mx
from tests.mta.mx import Host

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN = "lists.example.org"
ALIVE = "carol@example.net"
DEAD = "Dora.Nobody@example.net"  # 550 5.1.1; the case as people write it
BLOCKED = "ben.blocked@example.net"  # 554 5.7.1
LATER = "lee.later@example.net"  # 450 4.3.0 until the queue gives up
SILENT = "sue@silent.example.net"  # a connection, and not a word
EDITOR = "editor@example.net"
TARGET = "erin@example.net"  # alive, and the one against whom reports are forged
POST = f"""From: {EDITOR}
To: news@{DOMAIN}
Subject: The first issue
Message-ID: <issue-1@example.net>
Date: Mon, 02 Mar 2026 09:00:00 +0000

Here it is.
"""


@dataclass(frozen=True)
class Chain:
    """What stands: Mailman, its log and what comes out at the ends."""

    rest: server.Rest
    folder: Path
    smtp: int  # Postfix's port

    @property
    def delivered(self) -> set[str]:
        """Who got a mail."""
        return {path.name for path in (self.folder / "mx").iterdir()}

    @property
    def log(self) -> str:
        """Mailman's bounce log."""
        path = self.folder / "mailman" / "var" / "logs" / "bounce.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    @property
    def maildir(self) -> Path:
        """Where bounces lie, where they do not go back to Mailman."""
        return self.folder / "bounces"

    def post(self) -> None:
        """Let the editor write to the list, and wait until those who live have it."""
        status, body = self.rest.call("POST", "queues/in", list_id=server.LIST, text=POST)
        assert status == 201, body
        server.until(lambda: {ALIVE, EDITOR, TARGET} <= self.delivered, f"mail to the living, see {self.folder}")

    def report(self, to: str, mail: bytes) -> None:
        """Send a report as anybody may."""
        with smtplib.SMTP("127.0.0.1", self.smtp) as session:
            session.sendmail("", [to], mail)

    def statuses(self) -> dict[str, str]:
        """Return the delivery status in effect of each member."""
        return {member: self.rest.delivery(member) for member in sorted(self.rest.members())}


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that all may enter, unlike pytest's: Postfix's processes have an account of their own.

    It stays when the chain does not come to stand, for its logs.
    """
    path = Path(tempfile.mkdtemp(prefix="dsnparse-e2e-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@contextlib.contextmanager
def chain(*, back: bool) -> Iterator[Chain]:
    """Set it all up, with members.

    back: whether bounces go back to Mailman, which probes members then before it disables them; else they go into a
    Maildir.
    """
    server.wanted()
    postfix.wanted()
    lmtp = server.free_port()
    with contextlib.ExitStack() as stack:
        work = stack.enter_context(folder())
        (work / "mx").mkdir()
        port = stack.enter_context(mx(Host(name="mx.example.net"), work / "mx"))
        silent = stack.enter_context(mx(Host(name="silent.example.net", silent=True), work / "mx"))
        transports = {"example.net": f"smtp:[127.0.0.1]:{port}", "silent.example.net": f"smtp:[127.0.0.1]:{silent}"}
        if back:
            transports[DOMAIN] = f"lmtp:[127.0.0.1]:{lmtp}"
        smtp = stack.enter_context(postfix.postfix(work, transports, mailbox="" if back else DOMAIN))
        rest = stack.enter_context(server.mailman(work / "mailman", smtp=smtp, lmtp=lmtp, probes=back))
        for member in (ALIVE, DEAD, BLOCKED, LATER, SILENT, EDITOR, TARGET):
            rest.subscribe(member)
        yield Chain(rest, work, smtp)

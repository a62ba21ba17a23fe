"""An MX of our own: by recipient and host it accepts, refuses, defers, hangs up or says nothing.

What it accepts is kept.

The replies are our own texts with the codes that real servers send (RFC 5321 4.2, RFC 3463).
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 100000  # octets of a message, RFC 1870
Reply = tuple[str, ...]  # lines, each with its code and separator

RCPT: dict[str, Reply] = {
    "nobody": ("550 5.1.1 <{to}>: Recipient address rejected: User unknown",),
    "plain": ("550 No such user here",),
    "multi": (
        "550-5.1.1 There is no mailbox of this name here. Please check the",
        "550-5.1.1 address for typing errors or unneeded spaces. See",
        "550 5.1.1 https://help.example.net/unknown-user",
    ),
    "left": ("550 5.2.1 <{to}>: This account has been disabled",),
    "moved": ("551 5.1.6 User has moved; please try <new.address@example.com>",),
    "full": ("552 5.2.2 <{to}>: Mailbox is full, quota exceeded",),
    "blocked": ("554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using bl.example.net",),
    "denied": ("554 5.7.1 <{to}>: Relay access denied",),
    "members": ("550 5.7.1 <{to}>: You are not allowed to post to this mailing list",),
    "grey": ("451 4.7.1 <{to}>: Greylisted, please try again in 300 seconds",),
    "later": ("450 4.3.0 <{to}>: Temporary lookup failure, try again later",),
    "over": ("452 4.2.2 <{to}>: Mailbox over quota",),
    "down": ("421 4.3.2 Service shutting down, closing transmission channel",),
}
DATA: dict[str, Reply] = {"policy": ("550 5.7.0 Message refused by local policy",)}
END: dict[str, Reply] = {
    "spam": ("554 5.7.1 Message rejected as spam by content filter",),
    "virus": ("550 5.7.0 Message contains a virus: Eicar-Test-Signature",),
    "big": ("552 5.3.4 Message size exceeds fixed limit",),
    "dmarc": (
        "550-5.7.26 Unauthenticated mail from example.com is not accepted due to the",
        "550 5.7.26 domain's DMARC policy",
    ),
    "disk": ("452 4.3.1 Insufficient system storage",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How one host behaves before any recipient is named."""

    name: str
    banner: Reply = ("220 {host} ESMTP",)
    silent: bool = False
    extensions: tuple[str, ...] = (f"SIZE {LIMIT}", "8BITMIME", "ENHANCEDSTATUSCODES")
    ehlo: Reply = ()  # a refusal of EHLO and HELO
    mail: Reply = ()  # a refusal of every sender
    kind: bool = False  # accept every recipient


HOSTS = (
    Host(name="mx.example.net"),
    Host(name="mx.example.com", extensions=("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"), kind=True),
    Host(name="bare.example.net", ehlo=("502 Command not implemented",)),
    Host(name="utf8.example.net", extensions=("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")),
    Host(name="relay.example.net", extensions=("8BITMIME", "DSN", "ENHANCEDSTATUSCODES")),
    Host(name="closed.example.net", banner=("554 {host} Access denied: 192.0.2.10 has a poor reputation",)),
    Host(name="nomail.example.net", banner=("521 {host} does not accept mail",)),
    Host(name="shy.example.net", banner=("421 4.7.0 {host} Too many connections from 192.0.2.10",)),
    Host(name="busy.example.net", mail=("451 4.7.1 Too many messages from {sender}, slow down",)),
    Host(name="strict.example.net", mail=("550 5.1.8 <{sender}>: Sender address rejected: Domain not found",)),
    Host(name="silent.example.net", silent=True),
)


class Session:
    """One SMTP connection."""

    def __init__(self, host: Host, store: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.host = host
        self.store = store
        self.reader = reader
        self.writer = writer
        self.sender = ""
        self.recipients: list[str] = []

    async def say(self, reply: Reply, to: str = "") -> None:
        """Send a reply with the names filled in."""
        for line in reply:
            text = line.format(host=self.host.name, to=to, sender=self.sender)
            self.writer.write(text.encode("utf-8") + b"\r\n")
        await self.writer.drain()

    async def run(self) -> None:
        """Speak until the other side or a behaviour ends it."""
        if self.host.silent:
            await self.reader.read()
            return
        await self.say(self.host.banner)
        if not self.host.banner[0].startswith("2"):
            return
        while line := await self.reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if not await self.command(verb.upper(), rest):
                return

    async def command(self, verb: str, rest: str) -> bool:
        """Answer one command; False ends the connection."""
        if verb in {"EHLO", "HELO"}:
            await self.hello(verb)
        elif verb == "MAIL":
            self.recipients, self.sender = [], _path(rest)
            size = re.search(r"SIZE=(\d+)", rest)
            if size and int(size.group(1)) > LIMIT:
                await self.say(("552 5.3.4 Message size exceeds fixed limit",))
            else:
                await self.say(self.host.mail if self.sender and self.host.mail else ("250 2.1.0 Ok",))
        elif verb == "RCPT":
            return await self.recipient(_path(rest))
        elif verb == "DATA":
            return await self.data()
        elif verb == "QUIT":
            await self.say(("221 2.0.0 Bye",))
            return False
        else:
            self.recipients = []
            await self.say(("250 2.0.0 Ok",))
        return True

    async def hello(self, verb: str) -> None:
        """Answer EHLO and HELO."""
        if self.host.ehlo and verb == "EHLO":
            await self.say(self.host.ehlo)
        elif verb == "HELO":
            await self.say(("250 {host}",))
        else:
            lines = (self.host.name, *self.host.extensions)
            await self.say((*tuple(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"))

    async def recipient(self, to: str) -> bool:
        """Answer RCPT TO by the local part."""
        reply = RCPT.get(self.word(to))
        if reply is None:
            self.recipients.append(to)
        await self.say(reply or ("250 2.1.5 Ok",), to)
        return reply is None or not reply[0].startswith("421")

    async def data(self) -> bool:
        """Take a message, or end in the way that a recipient stands for."""
        words = [self.word(to) for to in self.recipients]
        refusal = next((DATA[word] for word in words if word in DATA), None)
        if refusal or not words:
            await self.say(refusal or ("554 5.5.1 No valid recipients",))
            return True
        await self.say(("354 End data with <CR><LF>.<CR><LF>",))
        if "hangup" in words:
            return False
        lines: list[bytes] = []
        while (line := await self.reader.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        reply = next((END[word] for word in words if word in END), None)
        if reply is None:
            self.keep(b"".join(lines))
        await self.say(reply or ("250 2.0.0 Ok: queued",))
        return True

    def word(self, address: str) -> str:
        """Return the word in a local part that the behaviour hangs on: jürgen.nobody@... is a nobody."""
        return "" if self.host.kind else address.partition("@")[0].rpartition(".")[2]

    def keep(self, mail: bytes) -> None:
        """Write an accepted mail into the folder of each recipient, as a Maildir would hold it."""
        for to in self.recipients:
            folder = self.store / to
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{len(list(folder.iterdir())):03}"
            data = f"Return-Path: <{self.sender}>\n".encode() + mail.replace(b"\r\n", b"\n")
            (folder / f".{name}").write_bytes(data)
            (folder / f".{name}").rename(folder / name)


def _path(rest: str) -> str:
    found = re.search(r"<([^>]*)>", rest)
    return found.group(1) if found else ""


async def serve(host: Host, address: str, store: Path) -> None:
    """Listen on port 25 of an address as one host."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Session(host, store, reader, writer).run()
        except (ConnectionError, OSError):
            return
        finally:
            writer.close()

    await asyncio.start_server(connected, address, 25, limit=1 << 20)

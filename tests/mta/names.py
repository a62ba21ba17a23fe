"""A name server of our own: answers MX and A for the example domains, and what the cases need when things go wrong.

Only the parts of RFC 1035 that a mail server asks for: one question, one answer section, no compression but a pointer
to the question.
"""

from __future__ import annotations

import asyncio
import struct
from typing import cast

ADDRESS = "203.0.113.53"
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
A, MX = 1, 15

# Domain -> its MX host; an empty one is a null MX (RFC 7505).
MX_HOSTS = {
    "example.net": "mx.example.net",
    "example.com": "mx.example.com",
    "bare.example.net": "bare.example.net",
    "utf8.example.net": "utf8.example.net",
    "relay.example.net": "relay.example.net",
    "closed.example.net": "closed.example.net",
    "nomail.example.net": "nomail.example.net",
    "shy.example.net": "shy.example.net",
    "busy.example.net": "busy.example.net",
    "strict.example.net": "strict.example.net",
    "refused.example.net": "refused.example.net",
    "silent.example.net": "silent.example.net",
    "dark.example.net": "dark.example.net",
    "loop.example.net": "mail.example.org",
    "lost.example.net": "lost.mx.example.net",
    "nullmx.example.net": "",
    "example.org": "mail.example.org",
}
HOSTS = {
    "mail.example.org": "192.0.2.10",
    "mx.example.net": "198.51.100.25",
    "mx.example.com": "198.51.100.26",
    "bare.example.net": "198.51.100.27",
    "utf8.example.net": "198.51.100.28",
    "relay.example.net": "198.51.100.29",
    "closed.example.net": "198.51.100.54",
    "nomail.example.net": "198.51.100.52",
    "shy.example.net": "198.51.100.42",
    "busy.example.net": "198.51.100.43",
    "strict.example.net": "198.51.100.44",
    "refused.example.net": "198.51.100.61",  # nothing listens there
    "silent.example.net": "198.51.100.62",  # takes the connection and says nothing
    "dark.example.net": "203.0.113.99",  # no such host: packets vanish
}
EMPTY = ("nodata.example.net",)  # the name exists and has neither MX nor A
BROKEN = ("servfail.example.net",)


def _name(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.split(".") if label]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def answer(query: bytes) -> bytes:
    """Return the response to one query datagram."""
    position, labels = 12, []
    while query[position]:
        labels.append(query[position + 1 : position + 1 + query[position]].decode("ascii", "replace"))
        position += 1 + query[position]
    question = query[12 : position + 5]
    kind = struct.unpack("!H", query[position + 1 : position + 3])[0]
    name = ".".join(labels).lower()
    records: list[tuple[int, bytes]] = []
    code = NOERROR
    if name in BROKEN:
        code = SERVFAIL
    elif kind == MX and name in MX_HOSTS:
        records.append((MX, struct.pack("!H", 10 if MX_HOSTS[name] else 0) + _name(MX_HOSTS[name])))
    elif kind == A and name in HOSTS:
        records.append((A, bytes(int(part) for part in HOSTS[name].split("."))))
    elif name not in MX_HOSTS and name not in HOSTS and name not in EMPTY and not _above(name):
        code = NXDOMAIN
    header = query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records), 0, 0)
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", rtype, 1, 300, len(data)) + data for rtype, data in records)
    return header + question + body


def _above(name: str) -> bool:
    """Tell whether known names lie below this one, so that it exists without records."""
    return any(known.endswith("." + name) for known in (*MX_HOSTS, *HOSTS))


class Responder(asyncio.DatagramProtocol):
    """Answers every datagram that can be read as a query."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one query."""
        try:
            self.transport.sendto(answer(data), addr)
        except (IndexError, struct.error):
            return

"""Whom a report was sent to, and when it came: only from header fields that our own servers wrote.

To: and every field below the topmost Received were written by whoever sent the mail, and prove nothing.  A server puts
its Received on top of all that is there when it takes a mail (RFC 5321 section 4.4), and what delivers the mail puts
its own fields above that: Delivered-To and X-Original-To by Postfix (local(8), virtual(8), and pipe(8) with the flags
D and O), Envelope-to by Exim (the transport's option `envelope_to_add`; Exim takes a sender's own away, by
`envelope_to_remove`), Delivered-To by Dovecot's LMTP server (`lmtp_hdr_delivery_address`) and by qmail-local.  So only
what stands above the topmost Received is believed.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

from dsnparse.text.addresses import bare, is_address
from dsnparse.text.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from dsnparse.trust.settings import TrustSettings

__all__ = ["envelope_recipient", "received_at"]

_MAX_HEADER: Final = 64 * 1024  # octets looked at; a server's own fields are some hundreds on top
_MAX_VALUE: Final = 4 * 1024  # octets of one field; Received has some hundreds
_NAME: Final = re.compile(rb"([!-9;-~]{1,76})[ \t]*:")  # RFC 5322 section 3.6.8
_WORD: Final = re.compile(r"[^\s()]+|[()]")


def envelope_recipient(raw: bytes, settings: TrustSettings) -> str | None:
    """Return the address to which our own server delivered a mail, None where it does not say so for sure.

    The topmost of `settings.envelope_headers` above the topmost Received counts.  A mail without Received, and with
    `settings.own_hosts` one whose topmost Received is by none of them, gives None; so does a field with several
    addresses (Exim's, of a delivery in a batch).
    """
    wanted = {name.lower() for name in settings.envelope_headers}
    recipient = None
    for name, value in _fields(raw):
        if name == "received":
            ours = not settings.own_hosts or _by(value) in settings.own_hosts
            return recipient if ours and is_address(recipient) else None
        if name in wanted and recipient is None:
            recipient = bare(value)  # the topmost, and where it is no address no other in its place
    return None


def received_at(raw: bytes, own_hosts: Sequence[str]) -> datetime | None:
    """Return the time of the topmost Received, in UTC; None where it is not by one of our own hosts, or states none.

    own_hosts: in lower case.  A Received further below may be the sender's own, whatever host it names.
    """
    for name, value in _fields(raw):
        if name == "received":
            if _by(value) not in own_hosts:
                return None
            date = parse_date(value.rpartition(";")[2].strip())
            try:
                return date and date.astimezone(UTC)
            except OverflowError:  # a zone that leads out of the years 1 to 9999
                return None
    return None


def _fields(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield the fields of the header, names in lower case, values unfolded; ends at the first line that is none."""
    lines = raw[:_MAX_HEADER].split(b"\n")
    lines[-1:] = [] if len(raw) > _MAX_HEADER else [lines[-1], b""]  # a line that may be cut is left out
    if lines and lines[0].startswith((b"From ", b">From ")):
        del lines[0]  # an mbox's envelope line
    name, value, size = "", [""], 0
    for line in lines:
        if line[:1] in {b" ", b"\t"} and name and line.strip():
            size += len(line)
            if size <= _MAX_VALUE:
                value.append(line.decode("utf-8", "replace"))
            continue
        if name:
            yield name, " ".join(value)
        found = _NAME.match(line)
        if found is None:
            return
        name = found[1].decode("ascii").lower()
        value = [line[found.end() : found.end() + _MAX_VALUE].decode("utf-8", "replace")]
        size = len(line)


def _by(received: str) -> str | None:
    """Return the host behind `by` outside of comments, in lower case (RFC 5321 section 4.4: from, by, via, with, id).

    Comments are passed over, however deep they are nested, and so is the word behind `from`: a client says both of
    itself.
    """
    depth, by = 0, False
    words = _WORD.finditer(received)
    for found in words:
        word = found[0]
        if word in {"(", ")"}:
            depth = max(depth + (1 if word == "(" else -1), 0)
        elif depth == 0 and by:
            return word.partition(";")[0].rstrip(".").lower()
        elif depth == 0 and word.lower() == "from":
            next(words, None)
        elif depth == 0:
            by = word.lower() == "by"
    return None

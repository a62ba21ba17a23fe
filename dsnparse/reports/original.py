"""Traces of the mail that a report is about, from the header of the returned part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsnparse.message import Header, read_header
from dsnparse.model import Original
from dsnparse.text.dates import parse_date
from dsnparse.text.decode import normalise_line_ends
from dsnparse.text.limits import MAX_HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsnparse.message import Message, Part

__all__ = ["identifier", "returned_header", "traces"]


def returned_header(part: Part) -> Header:
    """Read the header of a returned mail and nothing behind it (RFC 6522 section 4)."""
    encoding = part.header.raw("content-transfer-encoding")
    encoded = encoding is not None and encoding.strip().lower() in {"base64", "quoted-printable"}
    data = normalise_line_ends(part.decoded()) if encoded else part.head(MAX_HEADER_BYTES)
    return _header(data)


def _header(data: bytes) -> Header:
    data = data.lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    return read_header(data, 0, min(len(data), MAX_HEADER_BYTES))[0]


def identifier(value: str | None) -> str | None:
    """Return what stands in angle brackets, as in Message-ID (RFC 5322 section 3.6.4) and List-Id (RFC 2919)."""
    if value is None:
        return None
    inside = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inside.strip() or None


def traces(message: Message, returned: str | None, headers: Iterable[str] = ()) -> Original:
    """Return the traces of the original mail.

    returned: the returned mail's header where it stands in the notice's text instead of a part of its own.
    headers: names of further fields that are wanted, in any case.
    """
    if message.returned is not None:
        header = returned_header(message.returned)
    elif returned:
        header = _header(returned.encode("utf-8", "replace"))
    else:
        return Original()
    return Original(
        message_id=identifier(header.get("message-id")),
        from_=header.get("from"),
        to=header.get("to"),
        subject=header.get("subject"),
        date=parse_date(header.get("date")),
        list_id=identifier(header.get("list-id")),
        headers={name.lower(): header.all(name) for name in headers if name in header},
    )

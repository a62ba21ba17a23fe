"""Traces of the mail that a report is about, from the header of the returned part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsnparse.message import Header, read_header
from dsnparse.model import Original
from dsnparse.text.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsnparse.message import Message, Part
    from dsnparse.model import Defect
    from dsnparse.text.limits import Limits

__all__ = ["identifier", "returned_header", "traces"]


def returned_header(part: Part) -> tuple[Header, tuple[Defect, ...]]:
    """Read the header of a returned mail and nothing behind it (RFC 6522 section 4); with the limits reached."""
    # One byte more than the limit, so that read_header sees that there is more.
    return _header(part.head(part.limits.header_bytes + 1), part.limits)


def _header(data: bytes, limits: Limits) -> tuple[Header, tuple[Defect, ...]]:
    data = data.lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    header, _, reached = read_header(data, 0, len(data), limits)
    return header, reached


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
        header, reached = returned_header(message.returned)
    elif returned:
        header, reached = _header(returned.encode("utf-8", "replace"), message.limits)
    else:
        return Original()
    for defect in reached:
        message.reached("returned_header_too_long", defect.detail)
    return Original(
        message_id=identifier(header.get("message-id")),
        from_=header.get("from"),
        to=header.get("to"),
        subject=header.get("subject"),
        date=parse_date(header.get("date")),
        list_id=identifier(header.get("list-id")),
        headers={name.lower(): header.all(name) for name in headers if name in header},
    )

"""Step 2: bytes to a Message: headers, leaf parts, defects.

Header sections are read by the stdlib's parser (compat32).  The boundaries are split in front of it: the stdlib's own
walk takes message/delivery-status apart and loses fields of damaged ones, recurses once for each level of nesting, and
reads a returned mail that nobody asked for.  What the split gives is what the stdlib's walk gives, part for part.
"""

from __future__ import annotations

import re
from email.parser import HeaderParser
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from dsnparse.model import Defect
from dsnparse.text.decode import decode_charset, decode_header, decode_transfer, normalise_line_ends
from dsnparse.text.html import html_to_text
from dsnparse.text.limits import MAX_DEPTH, MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, MAX_PARTS, MAX_TEXT_SCANNED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RETURNED", "STATUS", "Header", "Message", "Part", "read"]

STATUS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})

# What carries the returned mail or its header: RFC 6522 section 4, RFC 6533 section 6, and unregistered names in use.
RETURNED: Final = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
    | {"message/rfc822", "message/global", "message/partial", "text/rfc822"},
)

_MACHINE: Final = STATUS | {"message/disposition-notification", "message/feedback-report"}

_TYPE: Final = re.compile(r"[ \t\n]*([^\s/;]{1,60})[ \t]*/[ \t]*([^\s/;]{1,60})")
_PARAMETER: Final = re.compile(r';[ \t\n]*([^\s=;"*]{1,60})\*?[ \t\n]*=[ \t\n]*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
_PARSER: Final = HeaderParser()

# A line that can only be a boundary: dashes, then a part's header.
_GUESS: Final = re.compile(rb"\n--([^\s-][^\n]{0,69})\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[A-Za-z-]{1,30}:")


class Header:
    """A header section; names in any case, the first of several wins, as received."""

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        """Iterate the field names in lower case, each once, in order."""
        return iter(self._fields)

    def raw(self, name: str) -> str | None:
        """Return the first field of that name, folded as it came; bytes over 127 as Latin-1 letters."""
        values = self._fields.get(name.lower())
        return values[0] if values else None

    def get(self, name: str) -> str | None:
        """Return the first field of that name as people read it, None when there is none."""
        values = self._fields.get(name.lower())
        return decode_header(values[0]) if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """Return all fields of that name as people read them."""
        return tuple(decode_header(value) for value in self._fields.get(name.lower(), ()))


class Part:
    """A leaf of the MIME tree: anything that is no multipart."""

    __slots__ = ("_buffer", "_decoded", "_text", "container", "content_type", "end", "header", "params", "start")

    def __init__(
        self,
        buffer: bytes,
        span: tuple[int, int],
        header: Header,
        content: tuple[str, dict[str, str]],
        container: str = "",
    ) -> None:
        self._buffer = buffer
        self.start, self.end = span
        self.header = header
        self.content_type, self.params = content
        self.container = container  # the type of the multipart around it
        self._decoded: bytes | None = None
        self._text: str | None = None

    @property
    def body(self) -> bytes:
        r"""The body as it stands in the mail, line ends as `\n`."""
        return self._buffer[self.start : self.end]

    def head(self, size: int) -> bytes:
        """Return the first `size` bytes of the body as they stand."""
        return self._buffer[self.start : min(self.end, self.start + size)]

    def decoded(self) -> bytes:
        """Return the body with its transfer encoding undone."""
        if self._decoded is None:
            self._decoded = decode_transfer(self.body, self.header.raw("content-transfer-encoding"))
        return self._decoded

    def text(self) -> str:
        """Return the body as text, at most MAX_TEXT_SCANNED characters, HTML as plain lines."""
        if self._text is None:
            # A character takes four bytes at most in the charsets of mail; encodings make it three times as long.
            body = self._buffer[self.start : min(self.end, self.start + 12 * MAX_TEXT_SCANNED)]
            data = decode_transfer(body, self.header.raw("content-transfer-encoding"))
            text = decode_charset(normalise_line_ends(data), self.params.get("charset"))[:MAX_TEXT_SCANNED]
            self._text = html_to_text(text) if self.content_type == "text/html" else text
        return self._text

    @property
    def attached(self) -> bool:
        """Whether the part is an attachment by its Content-Disposition (RFC 2183)."""
        return (self.header.raw("content-disposition") or "").strip().lower().startswith("attachment")


class Message:
    """A mail as parsed: its header, its leaf parts in order, and what was wrong with it."""

    def __init__(
        self, header: Header, content: tuple[str, dict[str, str]], parts: list[Part], defects: list[Defect]
    ) -> None:
        self.header = header
        self.content_type, self.params = content
        self.parts = parts
        self.defects = defects

    def first(self, *content_types: str) -> Part | None:
        """Return the first part of one of these types."""
        return next((part for part in self.parts if part.content_type in content_types), None)

    @cached_property
    def returned(self) -> Part | None:
        """The part that carries the returned mail or its header, by its MIME type."""
        return next((part for part in self.parts if part.content_type in RETURNED), None)

    @cached_property
    def notice(self) -> str:
        """The text for people that stands in front of the machine's part and of the returned mail."""
        human: list[Part] = []
        for part in self.parts:
            if part.content_type in RETURNED or (part.content_type in _MACHINE and human):
                break
            if part.content_type.startswith("text/") and not part.attached:
                human.append(part)
        plain = [part for part in human if part.content_type != "text/html"]
        texts = [part.text() for part in plain]
        if not any(text.strip() for text in texts):
            texts = [part.text() for part in human]
        return "\n".join(texts)[:MAX_TEXT_SCANNED]


def parse_content_type(value: str | None, default: str = "text/plain") -> tuple[str, dict[str, str]]:
    """Return a Content-Type as (type in lower case, parameters by lower-case name); text/plain for a bad one."""
    if not value:
        return default, {}
    found = _TYPE.match(value)
    kind = f"{found[1]}/{found[2]}".lower() if found else "text/plain"
    rest = value[found.end() :] if found else value.partition(";")[2]
    params: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(rest if rest.lstrip().startswith(";") else f";{rest}"):
        text = quoted.replace("\\\\", "\\").replace('\\"', '"') if quoted else plain.strip()
        params.setdefault(name.lower(), text.replace("\n", ""))
    return kind, params


def read_header(data: bytes, start: int, end: int) -> tuple[Header, int, bool]:
    """Read the header section at `start`; return it, where the body begins, and whether it was cut at the limit.

    A line that is no field ends the section, and belongs to the body, as in the stdlib.
    """
    if data.startswith(b"\n", start):
        return Header([]), start + 1, False
    stop = data.find(b"\n\n", start, end)
    body = end if stop < 0 else stop + 2
    stop = end if stop < 0 else stop + 1
    cut = stop - start > MAX_HEADER_BYTES
    if cut:  # to the end of the line at the limit, so that no field is cut in two
        stop = data.rfind(b"\n", start, start + MAX_HEADER_BYTES) + 1 or start + MAX_HEADER_BYTES
    message = _PARSER.parsestr(data[start:stop].decode("latin-1"))
    left = message.get_payload()
    if isinstance(left, str) and left:
        body = stop - len(left)
    return Header([(name, str(value)) for name, value in message.raw_items()]), body, cut


def _boundaries(data: bytes, boundary: bytes, start: int, end: int) -> tuple[list[tuple[int, int]], bool]:
    """Return the ranges between the boundary lines, and whether the closing one was seen (RFC 2046 section 5.1.1)."""
    ranges: list[tuple[int, int]] = []
    delimiter = b"--" + boundary
    opened = -1
    at = start if data.startswith(delimiter, start) else data.find(b"\n" + delimiter, start, end) + 1
    while start <= at < end and data.startswith(delimiter, at):
        after = at + len(delimiter)
        line_end = data.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        rest = data[after:line_end].rstrip(b" \t") if line_end - after < MAX_HEADER_BYTES else b"?"
        if rest in {b"", b"--"}:
            if opened >= 0:
                ranges.append((opened, max(opened, at - 1)))
            opened = min(line_end + 1, end)
            if rest:
                return ranges, True
            if len(ranges) > MAX_PARTS:  # enough to see that there are too many
                return ranges, True
        at = data.find(b"\n" + delimiter, after - 1, end) + 1
        if not at:
            break
    if opened >= 0:
        ranges.append((opened, end))
    return ranges, False


def _split(data: bytes, params: dict[str, str], span: tuple[int, int], defects: list[Defect]) -> list[tuple[int, int]]:
    """Return the ranges of a multipart's parts; where its boundary is not there, by the one that stands in the body."""
    boundary = params.get("boundary", "").rstrip().encode("latin-1", "replace")
    ranges, closed = _boundaries(data, boundary, *span) if boundary else ([], False)
    if not ranges:
        defects.append(Defect(code="boundary_not_found" if boundary else "multipart_without_boundary"))
        if guess := _GUESS.search(data, max(span[0] - 1, 0), span[1]):
            ranges, closed = _boundaries(data, guess[1], *span)
    if ranges and not closed:
        defects.append(Defect(code="boundary_not_closed"))
    return ranges


def _leaves(data: bytes, defects: list[Defect]) -> Iterator[Part]:
    """Walk the MIME tree in document order; yield each leaf."""
    stack = [(0, len(data), 0, "", "text/plain")]
    while stack:
        start, end, depth, container, default = stack.pop()
        header, body, cut = read_header(data, start, end)
        if cut:
            defects.append(Defect(code="header_too_long", detail=f"over {MAX_HEADER_BYTES} bytes"))
        content_type, params = parse_content_type(header.raw("content-type"), default)
        if content_type.startswith("multipart/"):
            ranges = _split(data, params, (body, end), defects) if depth < MAX_DEPTH else []
            if ranges:
                inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
                stack += [(*span, depth + 1, content_type, inner) for span in reversed(ranges)]
                continue
            if depth == MAX_DEPTH:
                defects.append(Defect(code="nested_too_deep", detail=f"over {MAX_DEPTH} levels"))
            content_type = "text/plain"
        yield Part(data, (min(body, end), end), header, (content_type, params), container)


def read(raw: bytes) -> Message:
    """Parse a mail of any bytes; never raises.  Work and memory are linear in the size."""
    defects: list[Defect] = []
    if len(raw) > MAX_MESSAGE_BYTES:
        defects.append(Defect(code="message_too_large", detail=f"{len(raw)} bytes, over {MAX_MESSAGE_BYTES}"))
        raw = raw[:MAX_MESSAGE_BYTES]
    data = normalise_line_ends(raw).lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):  # the separator line of an mbox (RFC 4155)
        data = data.partition(b"\n")[2].lstrip(b"\n")
    parts = list(islice(_leaves(data, defects), MAX_PARTS + 1))
    if len(parts) > MAX_PARTS:
        defects.append(Defect(code="too_many_parts", detail=f"over {MAX_PARTS}"))
        parts.pop()
    header = parts[0].header
    if parts[0].container:
        header, _, _ = read_header(data, 0, len(data))
    return Message(header, parse_content_type(header.raw("content-type")), parts, defects)

"""Step 2: bytes to a Message: headers, leaf parts, defects.

The boundaries are split here and not by the stdlib, whose walk takes message/delivery-status apart and loses fields of
damaged ones, recurses once for each level of nesting, and reads a returned mail that nobody asked for.  What the split
gives is what the stdlib's walk gives, part for part.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.model import Defect
from dsnparse.text.decode import decode_charset, decode_transfer, normalise_line_ends
from dsnparse.text.header import ContentType, Header, read_header
from dsnparse.text.html import html_to_text
from dsnparse.text.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RETURNED", "STATUS", "Header", "Message", "Part", "read", "read_header"]

STATUS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})

# What carries the returned mail or its header: RFC 6522 section 4, RFC 6533 section 6, and unregistered names in use.
RETURNED: Final = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
    | {"message/rfc822", "message/global", "message/partial", "text/rfc822"},
)

_RECIPIENTS_CUT: Final = Defect(code="header_field_too_long", detail="x-failed-recipients")
_MACHINE: Final = STATUS | {"message/disposition-notification", "message/feedback-report"}

# A line that can only be a boundary: dashes, then a part's header.
_GUESS: Final = re.compile(rb"\n--([^\s-][^\n]{0,69})\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[A-Za-z-]{1,30}:")


class Part:
    """A leaf of the MIME tree: anything that is no multipart."""

    __slots__ = (
        *("_buffer", "_decoded", "_text", "container", "content_type", "cut", "end", "header", "limits", "params"),
        "start",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place, once for each part
        self,
        buffer: bytes,
        span: tuple[int, int],
        header: Header,
        content: ContentType,
        container: str = "",
        limits: Limits = DEFAULT,
    ) -> None:
        self._buffer = buffer
        self.start, self.end = span
        self.header = header
        self.content_type, self.params = content
        self.container = container  # the type of the multipart around it
        self.limits = limits
        self.cut = False  # whether text() left out what goes beyond the limit
        self._decoded: bytes | None = None
        self._text: str | None = None

    @property
    def body(self) -> bytes:
        r"""The body as it stands in the mail, line ends as `\n`."""
        return self._buffer[self.start : self.end]

    @property
    def encoded(self) -> bool:
        """Whether the body stands in base64 or quoted-printable."""
        encoding = self.header.raw("content-transfer-encoding")
        return encoding is not None and encoding.strip().lower() in {"base64", "quoted-printable"}

    def head(self, size: int) -> bytes:
        """Return the first `size` bytes of the body with its transfer encoding undone."""
        if self.encoded:
            return normalise_line_ends(self.decoded())[:size]
        return self._buffer[self.start : min(self.end, self.start + size)]

    def decoded(self) -> bytes:
        """Return the body with its transfer encoding undone."""
        if self._decoded is None:
            self._decoded = decode_transfer(self.body, self.header.raw("content-transfer-encoding"))
        return self._decoded

    def text(self) -> str:
        """Return the body as text, at most `limits.text` characters of it, HTML as plain lines."""
        if self._text is None:
            # A character takes four bytes at most in the charsets of mail; encodings make it three times as long.
            most = self.limits.text
            body = self._buffer[self.start : min(self.end, self.start + 12 * most)]
            data = decode_transfer(body, self.header.raw("content-transfer-encoding"))
            text = decode_charset(normalise_line_ends(data), self.params.get("charset"))
            self.cut = len(text) > most or len(body) < self.end - self.start
            text = text[:most]
            self._text = html_to_text(text) if self.content_type == "text/html" else text
        return self._text

    @property
    def attached(self) -> bool:
        """Whether the part is an attachment by its Content-Disposition (RFC 2183)."""
        return (self.header.raw("content-disposition") or "").strip().lower().startswith("attachment")


class Message:
    """A mail as parsed: its header, its leaf parts in order, and what was wrong with it."""

    def __init__(
        self,
        header: Header,
        content: ContentType,
        parts: list[Part],
        defects: list[Defect],
        limits: Limits = DEFAULT,
    ) -> None:
        self.header = header
        self.content_type, self.params = content
        self.parts = parts
        self.defects = defects
        self.limits = limits
        self.answers: dict[str, bool] = {}  # of dsnparse.reports.notice, each question once
        self.returned: Part | None = None  # what carries the returned mail or its header, by its MIME type
        for part in parts:
            if part.content_type in RETURNED:
                self.returned = part
                break
        self._notice: str | None = None
        self.notice_cut = False  # whether `notice` left out what goes beyond the limit

    def reached(self, code: str, detail: str) -> None:
        """Record, once, that a limit was reached."""
        defect = Defect(code=code, detail=detail)
        if defect not in self.defects:
            self.defects.append(defect)

    def first(self, *content_types: str) -> Part | None:
        """Return the first part of one of these types."""
        for part in self.parts:
            if part.content_type in content_types:
                return part
        return None

    @property
    def notice(self) -> str:
        """The text for people that stands in front of the machine's part and of the returned mail."""
        if self._notice is None:
            self._notice = self._text()
        return self._notice

    def _text(self) -> str:
        human: list[Part] = []
        for part in self.parts:
            if part.content_type in RETURNED or (part.content_type in _MACHINE and human):
                break
            if part.content_type.startswith("text/") and not part.attached:
                human.append(part)
        text = "\n".join([part.text() for part in human if part.content_type != "text/html"])
        if not text or text.isspace():
            text = "\n".join([part.text() for part in human])
        self.notice_cut = len(text) > self.limits.text or any(part.cut for part in human)
        return text[: self.limits.text]


def _boundaries(
    data: bytes, boundary: bytes, span: tuple[int, int], limits: Limits
) -> tuple[list[tuple[int, int]], bool]:
    """Return the ranges between the boundary lines, and whether the closing one was seen (RFC 2046 section 5.1.1)."""
    ranges: list[tuple[int, int]] = []
    start, end = span
    line = b"\n--" + boundary
    opened = -1
    at = start if data.startswith(line[1:], start) else data.find(line, start, end) + 1
    while start <= at < end:
        after = at + len(line) - 1
        line_end = data.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        rest = data[after:line_end].rstrip(b" \t") if line_end - after < limits.header_bytes else b"?"
        if rest in {b"", b"--"}:
            if 0 <= opened < at:  # the stdlib too takes boundary lines in a row for one
                ranges.append((opened, at - 1))
            opened = min(line_end + 1, end)
            if rest or len(ranges) > limits.parts:  # enough to see that there are too many
                return ranges, True
        at = data.find(line, after - 1, end) + 1
        if not at:
            break
    if opened >= 0:
        ranges.append((opened, end))
    return ranges, False


def _split(
    data: bytes, params: Mapping[str, str], span: tuple[int, int], defects: list[Defect], limits: Limits
) -> list[tuple[int, int]]:
    """Return the ranges of a multipart's parts; where its boundary is not there, by the one that stands in the body."""
    boundary = params.get("boundary", "").rstrip().encode("latin-1", "replace")
    ranges, closed = _boundaries(data, boundary, span, limits) if boundary else ([], False)
    if not ranges:
        defects.append(Defect(code="boundary_not_found" if boundary else "multipart_without_boundary"))
        if guess := _GUESS.search(data, max(span[0] - 1, 0), span[1]):
            ranges, closed = _boundaries(data, guess[1], span, limits)
    if ranges and not closed:
        defects.append(Defect(code="boundary_not_closed"))
    return ranges


def _walk(data: bytes, defects: list[Defect], limits: Limits) -> tuple[Header, list[Part]]:
    """Walk the MIME tree in document order; return the mail's header and its leaves, at most one over the limit."""
    stack = [(0, len(data), 0, "", "text/plain")]
    root: Header | None = None
    parts: list[Part] = []
    while stack and len(parts) <= limits.parts:
        start, end, depth, container, default = stack.pop()
        header, body, reached = read_header(data, start, end, limits)
        root = root or header
        defects += reached
        content_type, params = header.content(default)
        if content_type.startswith("multipart/"):
            ranges = _split(data, params, (body, end), defects, limits) if depth < limits.depth else []
            if ranges:
                inner = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
                stack += [(*span, depth + 1, content_type, inner) for span in reversed(ranges)]
                continue
            if depth == limits.depth:
                defects.append(Defect(code="nested_too_deep", detail=f"over {limits.depth} levels"))
            content_type = "text/plain"
        parts.append(Part(data, (min(body, end), end), header, (content_type, params), container, limits))
    return root or Header([]), parts


def read(raw: bytes, limits: Limits = DEFAULT) -> Message:
    """Parse a mail of any bytes; never raises.  Work and memory are linear in the size."""
    defects: list[Defect] = []
    if len(raw) > limits.message_bytes:
        defects.append(Defect(code="message_too_large", detail=f"over {limits.message_bytes} bytes"))
        raw = raw[: limits.message_bytes]
    data = normalise_line_ends(raw).lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):  # the separator line of an mbox (RFC 4155)
        data = data.partition(b"\n")[2].lstrip(b"\n")
    header, parts = _walk(data, defects, limits)
    if len(parts) > limits.parts:
        defects.append(Defect(code="too_many_parts", detail=f"over {limits.parts}"))
        parts.pop()
    if _RECIPIENTS_CUT in defects:
        defects.append(Defect(code="too_many_recipients", detail="X-Failed-Recipients over the limit of a field"))
    return Message(header, header.content(), parts, defects, limits)

"""Mailboxes of many mails in one file (RFC 4155), read as a stream.

A mail begins at a line `From ` after an empty line or at the file's start, if the line bears a time or a header field
comes next: programs that count bytes instead (mboxcl2) leave a sentence such as "From here on ..." as it is.
"""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH123

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

from dsnparse.sources.base import MAX_READ, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_mbox", "split"]

_LINE: Final = 65_536  # bytes of one line that are taken at once
_TIME: Final = re.compile(rb" [0-2]?\d:[0-5]\d")
_FIELD: Final = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,10}:")
_QUOTED: Final = re.compile(rb">{1,100}From ")


def _starts_mail(line: bytes, following: bytes) -> bool:
    return line.startswith(b"From ") and bool(_TIME.search(line[:1000]) or _FIELD.match(following))


def is_mbox(path: str) -> bool:
    """Tell whether a file begins as an mbox does; False for what cannot be read."""
    try:
        with open(open_regular(path, follow=True), "rb") as stream:
            return _starts_mail(stream.readline(_LINE), stream.readline(_LINE))
    except OSError:
        return False


def split(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the mails without their `From ` lines, each at most MAX_READ bytes; a quoted `From ` loses one `>`."""
    mail: list[bytes] = []
    size, begun, after_empty, line_start = 0, False, True, True
    line = stream.readline(_LINE)
    while line:
        following = stream.readline(_LINE)
        if after_empty and _starts_mail(line, following):
            if begun:
                yield b"".join(mail)
            mail, size, begun = [], 0, True
        elif begun or line.strip():
            begun = True
            if line_start and _QUOTED.match(line):
                line = line[1:]
            if size < MAX_READ:
                mail.append(line[: MAX_READ - size])
                size += len(mail[-1])
        after_empty = line_start and not line.strip(b"\r\n")
        line_start = line.endswith(b"\n")
        line = following
    if begun:
        yield b"".join(mail)

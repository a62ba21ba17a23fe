"""The mails that are read: the fixtures, and those of the labelled corpus that DSNPARSE_CORPUS names, repeated."""

from __future__ import annotations

import os
from itertools import cycle, islice
from pathlib import Path
from typing import Final

__all__ = ["build", "large", "samples"]

ROOT: Final = Path(__file__).parent.parent

_HEAD: Final = (
    b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n"
    b"Date: Sun, 22 Nov 2026 10:00:00 +0000\n"
)
_LINE: Final = b"The committee meets on the second Tuesday of each month, and the minutes are sent to everybody.\n"
_REPORT: Final = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n"
    b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
    b"Final-Recipient: rfc822; alice@example.net\nAction: failed\nStatus: 5.1.1\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 <alice@example.net>: user unknown\n\n"
    b"--b\nContent-Type: message/rfc822\n\nFrom: news@example.org\nSubject: minutes\nMessage-ID: <1@example.org>\n\n"
)


def samples() -> list[bytes]:
    """Return each mail of the fixtures once, and of the corpus, where DSNPARSE_CORPUS names it."""
    paths = sorted((ROOT / "fixtures").glob("*/*.eml"))
    if corpus := os.environ.get("DSNPARSE_CORPUS"):
        paths += sorted(path for path in (Path(corpus) / "dev" / "mails").glob("*/*") if path.is_file())
    return [path.read_bytes() for path in paths]


def build(folder: Path, count: int) -> tuple[int, int]:
    """Write `count` mails to a folder, a file each, samples over and over; return how many differ, and all bytes."""
    mails = samples()
    size = 0
    for number, mail in enumerate(islice(cycle(mails), count)):
        size += len(mail)
        (folder / f"{number:06}.eml").write_bytes(mail)
    return min(count, len(mails)), size


def large(size: int) -> dict[str, bytes]:
    """Return an ordinary mail and a report that returns one, each of about `size` bytes."""
    text = _LINE * (size // len(_LINE))
    return {
        "ordinary mail": _HEAD.replace(b"Undelivered Mail Returned to Sender", b"minutes") + b"\n" + text,
        "returned mail": _HEAD + _REPORT + text + b"--b--\n",
    }

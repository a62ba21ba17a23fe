"""Hostile texts: four times the text may take about four times as long, never sixteen times."""

from __future__ import annotations

import time

import pytest

from dsnparse import formats
from dsnparse.formats.returned import split
from tests.formats.mails import mail

SMALL, LARGE = 30_000, 120_000
TIMES = 10  # between four, which is linear, and sixteen, which is quadratic
MOST = 1.0  # seconds, far above what any of these takes: a part that is cut short may be slow at both sizes
ANY = 0.03  # seconds: below, the clock measures nothing

SHAPES = {
    "one-letter lines": ("could not be delivered: did not reach the following recipient(s):\n\n", "a\n"),
    "one long line": ("could not be delivered to alice@example.org\n", "a"),
    "one line of dashes": ("could not be delivered to alice@example.org\n", "-"),
    "one line of colons": ("could not be delivered to alice@example.org\n", "\uff1a"),
    "at signs": ("could not be delivered\n", "@"),
    "spaces": ("could not be delivered", " "),
    "dots": ("could not be delivered\n", "a."),
    "addresses": ("could not be delivered\n", "alice@example.org, "),
    "addresses on lines": ("could not be delivered\n", "<alice@example.org>: 550 unknown\n\n"),
    "angle brackets": ("", "<"),
    "failure words": ("", "not\n"),
    "transcript": ("transcript of session follows\n", ">>> RCPT To:<alice@example.org>\n<<< 550 no\n"),
    "openers": ("", "The following address(es) failed:\n"),
    "openers that close": ("", "Failed recipient(s):\nalice@example.org\nError message:\n"),
    "openers in Unicode": ("", "\u672a\u80fd\u9001\u9054:\n"),
    "sentences without an address": ("", "a" * 60 + " - no such user here. "),
    "markers of a returned mail": ("could not be delivered\n", "original message\n"),
    "fields of a returned mail": ("could not be delivered\n", "\nreceived:\nx\n"),
}


def seconds(head: str, piece: str, size: int) -> float:
    best = float("inf")
    for _ in range(3):
        message = mail(head + (piece * size)[:size], return_path="<>")
        split.cache_clear()
        start = time.process_time()
        formats.read(message, None)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(("head", "piece"), SHAPES.values(), ids=SHAPES.keys())
def test_reading_takes_linear_time(head: str, piece: str) -> None:
    large = seconds(head, piece, LARGE)
    assert large < MOST
    assert large < TIMES * max(seconds(head, piece, SMALL), ANY)

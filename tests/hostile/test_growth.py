"""Time and memory are linear: a mail four times as large takes about four times as much, whatever is in it.

DSNPARSE_LARGE_MB is the size of the large mails in megabytes, 0.4 where it is not set.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from typing import TYPE_CHECKING, Final

import pytest

from dsnparse import reading
from dsnparse.formats.returned import split
from tests.hostile.shapes import SHAPES
from tests.properties.sound import assert_sound

if TYPE_CHECKING:
    from tests.hostile.shapes import Shape

LARGE: Final = int(float(os.environ.get("DSNPARSE_LARGE_MB", "0.4")) * 1_000_000)
TIMES: Final = 9  # between four, which is linear, and sixteen, which is quadratic
NOTHING: Final = 0.15  # seconds: what a mail up to the limits may take, whatever its size
A_MEGABYTE: Final = 4.0  # seconds for each, at most: ten times what the slowest takes
FIXED: Final = 60_000_000  # bytes: what a mail up to the limits may take, whatever its size
TIMES_BYTES: Final = 100  # bytes for each byte of a mail

each = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


def seconds(raw: bytes, *, runs: int) -> float:
    best = float("inf")
    for _ in range(runs):
        split.cache_clear()
        start = time.process_time()
        reading.read(raw)
        best = min(best, time.process_time() - start)
    return best


@each
def test_time_is_linear(shape: Shape) -> None:
    small, large = shape(LARGE // 4), shape(LARGE)
    slow = seconds(large, runs=1)
    if slow < NOTHING:
        return
    assert slow < NOTHING + A_MEGABYTE * LARGE / 1_000_000
    quick = seconds(small, runs=2)
    if slow > NOTHING + TIMES * quick:  # once more, the machine may be busy
        slow = seconds(large, runs=3)
    assert slow < NOTHING + TIMES * quick


@each
def test_memory_is_linear_and_the_report_sound(shape: Shape) -> None:
    raw = shape(LARGE // 4)
    reading.read(shape(1000))  # the tables are loaded
    tracemalloc.start()
    try:
        report = reading.read(raw)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert_sound(report)
    assert most < FIXED + TIMES_BYTES * len(raw)


def test_ten_thousand_levels_a_hundred_thousand_parts_and_recipients() -> None:
    """The numbers at which others recurse too deep, or stand still."""
    assert "nested_too_deep" in codes(SHAPES["parts: nested"](10_000 * 60))
    assert "too_many_parts" in codes(SHAPES["parts: parts"](100_000 * 7))
    assert "too_many_recipients" in codes(SHAPES["status: recipients"](100_000 * 80))


@pytest.mark.parametrize(
    "name", ["header: no line at all", "header: a header field", "text: a long line", "header: NULs"]
)
def test_a_line_of_many_megabytes(name: str) -> None:
    assert "internal_error" not in codes(SHAPES[name](12 * LARGE))


def codes(raw: bytes) -> set[str]:
    start = time.process_time()
    report = reading.read(raw)
    assert_sound(report)
    assert time.process_time() - start < 10
    return {defect.code for defect in report.defects}

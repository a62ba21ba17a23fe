from __future__ import annotations

import time

import pytest

from dsnparse.model import Block
from dsnparse.status import judge

UNITS = [
    "user unknown ",
    "unknown user is ",
    "a.b@c.d ",
    "http://",
    "@",
    "a.",
    "mailbox ",
    "invalid ",
    "550 5.1.1 ",
    "用户",
    "host.com ",
    "x",
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        judge(Block(diagnostic=text))
        return time.process_time() - began

    seconds(1000)
    small, large = max(seconds(12_000), 0.002), seconds(96_000)
    assert large < small * 40  # eight times the text; a quadratic matcher needs 64 times as long

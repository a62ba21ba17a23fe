"""Which inputs of the fuzzer are kept: the smallest that reach what the fixtures and the kept ones do not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import dsnparse
from dsnparse import reading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

__all__ = ["reached", "worth_keeping"]

Line = tuple[str, int, int]  # the file, the line before, the line

_ROOT: Final = dsnparse.__path__[0]


def reached(raw: bytes) -> set[Line]:
    """Return the steps from line to line that the reading of an input takes."""
    steps: set[Line] = set()
    last: dict[FrameType, int] = {}

    def trace(frame: FrameType, event: str, _: object) -> object:
        name = frame.f_code.co_filename
        if not name.startswith(_ROOT):
            return None
        if event == "line":
            steps.add((name, last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        elif event == "return":
            last.pop(frame, None)
        return trace

    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        reading.read(raw)
    finally:
        sys.settrace(None)
    return steps


def worth_keeping(known: Iterable[bytes], new: Iterable[bytes]) -> list[bytes]:
    """Return the new inputs that take a step which no other takes, the small ones first."""
    steps: set[Line] = set()
    for raw in known:
        steps |= reached(raw)
    kept = []
    for raw in sorted(new, key=lambda each: (len(each), each)):
        if not (taken := reached(raw)) <= steps:
            steps |= taken
            kept.append(raw)
    return kept

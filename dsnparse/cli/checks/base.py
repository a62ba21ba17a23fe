"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "State"]


class State(StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"  # it works, and could be better
    FAIL = "fail"  # a run would not do what it should


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, and how it is."""

    name: str
    state: State = State.OK
    detail: str

"""Why something is wanted, or not yet, in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.model import Trust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dsnparse.policy.counting import Count, Needed
    from dsnparse.policy.history import Sifted

__all__ = ["progress", "reached"]

_SURE: Final = {
    Trust.STRONG: "reported to a return path that we signed",
    Trust.WEAK: "reported for a mail that we sent",
    Trust.NONE: "and nothing ties the report to a mail of ours",
    None: "and neither a secret nor a sent table is set up to prove it",
}
_DAY: Final = timedelta(days=1)


def progress(sifted: Sifted, nearest: tuple[str, Count, Needed] | None, over: datetime | None) -> str:
    """Say why nothing is wanted, such as "1 of 2 failures on different days (mailbox disabled)"."""
    words = []
    if over is not None:
        words.append(f"the time without mail ended on {over:%Y-%m-%d}")
    elif nearest is not None:
        words.append(_so_far(*nearest))
    elif not sifted.skipped:
        words.append("no failure is known")
    return "; ".join([*words, *sifted.skipped])


def reached(kind: str, count: Count, need: Needed, proof: Trust | None, notes: Sequence[str]) -> str:
    """Say what was enough, such as "user unknown: 1 failure, reported to a return path that we signed".

    proof: what ties the reports to our mail; None: nothing is set up that could.
    """
    words = f"{_name(kind)}: {_failures(count.failures)}"
    if need.days > 1:
        words += f" on {count.days} days"
    return "; ".join([f"{words}, {_SURE[proof]}", *notes])


def _so_far(kind: str, count: Count, need: Needed) -> str:
    words = f"{min(count.failures, need.failures)} of {_failures(need.failures)}"
    if need.days > 1:
        words += f" on {'different' if need.days >= need.failures else need.days} days"
    if need.span >= _DAY:
        words += f" over at least {need.span // _DAY} days"
    if count.failures >= need.failures:  # only the days or the time is missing
        words += f", so far on {count.days} over {count.span // _DAY}"
    return f"{words} ({_name(kind)})"


def _failures(number: int) -> str:
    return f"{number} failure" if number == 1 else f"{number} failures"


def _name(kind: str) -> str:
    return {"any": "any failure", "complaint": "complaint"}.get(kind, kind.replace("_", " "))

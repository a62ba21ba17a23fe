"""Where the time goes: the steps from bytes to a line of JSON, each timed in one process."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from dsnparse import formats, message, reading
from dsnparse.cli.lines import report_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

__all__ = ["stages", "table"]

_REST: Final = "reports, and what is not named here"


def stages(mails: Sequence[bytes], rounds: int) -> dict[str, float]:
    """Return the microseconds that a mail takes in each step, the least of all rounds (CPU time)."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        for name, seconds in _round(mails).items():
            least[name] = min(seconds * 1e6 / len(mails), least.get(name, float("inf")))
    return least


def _round(mails: Sequence[bytes]) -> dict[str, float]:
    spent: dict[str, float] = {"bytes to Message": 0.0, "formats: free text": 0.0, "status: verdicts": 0.0}
    with (
        _timed(message, "read", spent, "bytes to Message"),
        _timed(formats, "read", spent, "formats: free text"),
        _timed(reading, "judge", spent, "status: verdicts"),
    ):
        start = time.process_time()
        reports = [reading.read(mail) for mail in mails]
        whole = time.process_time() - start
    spent[_REST] = whole - sum(spent.values())
    start = time.process_time()
    for report in reports:
        report_line("a.eml", 0, report)
    spent["Report to JSON"] = time.process_time() - start
    return spent


@contextmanager
def _timed(module: ModuleType, name: str, spent: dict[str, float], step: str) -> Iterator[None]:
    """Add up the time that a function takes while this lasts."""
    function: Callable[..., Any] = getattr(module, name)
    clock = time.process_time

    def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes and gives
        start = clock()
        try:
            return function(*arguments, **named)
        finally:
            spent[step] += clock() - start

    setattr(module, name, timed)
    try:
        yield
    finally:
        setattr(module, name, function)


def table(times: dict[str, float]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    whole = sum(times.values())
    yield "| step | µs a mail | share |"
    yield "|---|--:|--:|"
    for name, each in times.items():
        yield f"| {name} | {each:.0f} | {each / whole:.0%} |"
    yield f"| all | {whole:.0f} | |"

"""One process, measured from its start to its end: CPU seconds and the most memory it held."""

from __future__ import annotations

import os
import statistics
import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Cost", "Spread", "pin", "run", "spread"]


class Cost(NamedTuple):
    """What a process took."""

    user: float  # seconds of CPU in the program itself
    system: float  # seconds of CPU in the kernel
    peak: int  # bytes of memory at the highest


class Spread(NamedTuple):
    """Several measurements of one thing."""

    median: float
    least: float
    most: float


def pin(core: int | None = None) -> int | None:
    """Keep this process and those it starts to one core; None where the system has no such thing."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    chosen = max(os.sched_getaffinity(0)) if core is None else core
    os.sched_setaffinity(0, {chosen})
    return chosen


def run(command: Sequence[str]) -> Cost:
    """Run a command, its output thrown away.  Raises RuntimeError when it does not end well."""
    # As an installed program runs: compiled once, its output buffered, whatever this shell asks of Python.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=plain)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        problem = f"{' '.join(command)}: exit status {process.returncode}"
        raise RuntimeError(problem)
    return Cost(usage.ru_utime, usage.ru_stime, usage.ru_maxrss * 1024)


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the ends."""
    return Spread(statistics.median(values), min(values), max(values))

"""Large mails: time and memory must grow with the size, and no faster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.measure import spread

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["READERS", "Large", "measure", "table"]

READERS: Final = ("dsnparse", "message_from_bytes", "flufl.bounce")


class Large(NamedTuple):
    """What one reader took for one mail."""

    seconds: float
    memory: float  # at the highest, the mail itself included, as a multiple of the mail


def measure(path: Path, rounds: int) -> dict[str, Large]:
    """Return what each reader takes for the mail in a file."""
    script = Path(__file__).with_name("reader_one.py")
    size = path.stat().st_size
    found = {}
    for name in READERS:
        runs = []
        for _ in range(rounds):
            command = [sys.executable, str(script), name, str(path)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            seconds, grown = done.stdout.split()
            runs.append((float(seconds), int(grown)))
        memory = spread([grown for _, grown in runs]).median
        found[name] = Large(spread([seconds for seconds, _ in runs]).median, memory / size)
    return found


def table(found: dict[str, dict[str, Large]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, by mail and reader."""
    yield "| mail | reader | seconds | memory, mail = 1 |"
    yield "|---|---|--:|--:|"
    for mail, readers in found.items():
        for name, cost in readers.items():
            yield f"| {mail} | {name} | {cost.seconds:.3f} | {cost.memory:.1f} |"

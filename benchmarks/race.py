"""Many small mails: the contestants in turns, so that a busy minute of the machine hits them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.contestants import OWN, Contestant
from benchmarks.measure import Cost, run, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["race", "table"]

Costs = dict[str, list[Cost]]


def race(
    contestants: Sequence[Contestant], folder: Path, rounds: int, measure: Callable[[Sequence[str]], Cost] = run
) -> Costs:
    """Let each contestant read the folder once a round, each round begun by another one."""
    costs: Costs = {one.name: [] for one in contestants}
    for number in range(rounds):
        first = number % len(contestants)
        for one in (*contestants[first:], *contestants[:first]):
            costs[one.name].append(measure((*one.command, str(folder))))
    return costs


def table(contestants: Sequence[Contestant], costs: Costs, mails: int) -> Iterator[str]:
    """Yield the lines of a Markdown table: mails a second of user CPU, and how many times as fast dsnparse is."""
    yield "| reader | gives | mails/s | µs a mail | dsnparse is so many times as fast | CPU in the kernel |"
    yield "|---|---|--:|--:|--:|--:|"
    for one in contestants:
        seconds = spread([cost.user for cost in costs[one.name]])
        kernel = spread([cost.system for cost in costs[one.name]])
        # Of one round each: what slowed the machine down then slowed down both.
        ratios = [theirs.user / ours.user for ours, theirs in zip(costs[OWN], costs[one.name], strict=True)]
        faster = "" if one.name == OWN else "{:.2f} ({:.2f} to {:.2f})".format(*spread(ratios))
        each = 1e6 / mails
        yield (
            f"| {one.name} | {one.gives} | {mails / seconds.median:,.0f} "
            f"| {seconds.median * each:.0f} ({seconds.least * each:.0f} to {seconds.most * each:.0f}) "
            f"| {faster} | {kernel.median:.2f} s |"
        )

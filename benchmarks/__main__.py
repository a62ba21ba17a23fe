"""`python -m benchmarks`: measure, and print the tables of README.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import large, mails, race, stages
from benchmarks.contestants import found
from benchmarks.measure import pin

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_LARGE: Final = 15_000_000  # bytes: what many servers take at most is 10 to 25 MB


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    asked = _parser().parse_args(arguments)
    core = pin(asked.core)
    print(f"{_machine()}; core {core}; {datetime.now(UTC):%Y-%m-%d}")
    print(f"`python -m benchmarks {' '.join(sys.argv[1:] if arguments is None else arguments)}`\n")
    with tempfile.TemporaryDirectory(prefix="dsnparse-benchmark-") as name:
        folder = Path(name) / "mails"
        folder.mkdir()
        different, size = mails.build(folder, asked.mails)
        corpus = "with" if os.environ.get("DSNPARSE_CORPUS") else "without"
        print(
            f"{asked.mails:,} mails, {different:,} of them different, {size / asked.mails / 1000:.1f} kB on average, "
            f"{corpus} a corpus; median of {asked.rounds} rounds (least to most)\n"
        )
        contestants = found()
        print(*race.table(contestants, race.race(contestants, folder, asked.rounds), asked.mails), "", sep="\n")
        sample = mails.samples()[: asked.mails]
        print(*stages.table(stages.stages(sample, asked.rounds)), "", sep="\n")
        costs = {}
        for kind, mail in mails.large(asked.large).items():
            path = Path(name) / "large.eml"
            path.write_bytes(mail)
            costs[f"{kind}, {len(mail) / 1e6:.0f} MB"] = large.measure(path, asked.rounds)
        print(*large.table(costs), sep="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--mails", type=int, default=10_000, help="how many mails are read (default: 10000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--core", type=int, help="the core to run on (default: the last)")
    parser.add_argument("--large", type=int, default=_LARGE, help="bytes of a large mail (default: 15000000)")
    return parser


def _machine() -> str:
    """Return what the figures depend on."""
    processor = platform.processor() or platform.machine()
    if (known := Path("/proc/cpuinfo")).is_file():
        lines = known.read_text("utf-8", "replace").splitlines()
        processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), processor)
    return f"{processor}; {platform.system()}; Python {platform.python_version()}"


if __name__ == "__main__":
    main()

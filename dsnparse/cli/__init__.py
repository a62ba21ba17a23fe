"""The command line.  stdout is data, stderr is talk; docs and `--help` name the exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    from dsnparse.cli.group import start  # noqa: PLC0415 - whoever imports dsnparse.cli needs no click yet

    return start(args)

"""Mail after mail on several cores, the answers in the order of the mails.

The workers are forked, before any thread is started: a fork takes a millisecond and brings along the rules and tables
that are loaded, where "spawn" and "forkserver" start Python anew for each and load everything again.  They are given
mails in chunks, work on nothing else, and end when their pipe does: with the run, an interrupt, or a killed parent.
Where a system has no fork, and for little work, everything is read in this process.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final, TypeVar

from dsnparse.errors import DsnparseError
from dsnparse.reading import parse
from dsnparse.sources import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from dsnparse.model import Report
    from dsnparse.sources import Unreadable

__all__ = ["WorkerError", "cores", "each", "read_all"]

_Answer = TypeVar("_Answer")

_ALONE: Final = 300  # mails that are read before workers are worth their start
_ALONE_BYTES: Final = 4 * 1024 * 1024  # or as much mail


class WorkerError(DsnparseError):
    """A worker ended in the middle of its work: killed, out of memory, or crashed."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_all(
    found: Iterable[Found | Unreadable], jobs: int
) -> Generator[tuple[Found | Unreadable, Report | None], None, None]:
    """Yield each mail with its report, in order; None for what could not be read.  Raises WorkerError."""
    return each(found, lambda mail: parse(mail.raw), jobs)


def each(
    found: Iterable[Found | Unreadable], work: Callable[[Found], _Answer], jobs: int
) -> Generator[tuple[Found | Unreadable, _Answer | None], None, None]:
    """Yield each mail with what `work` makes of it, in order; None for what could not be read.

    work: must not depend on what it did before; its answers are pickled.  What it raises is raised here.
    jobs: how many processes work; with 1 it is this one.
    Close the iterator where it is not read to its end, and the workers end at once.
    Raises WorkerError when a worker ends before its work does.
    """
    items = iter(found)
    count = size = 0
    for item in items:
        if isinstance(item, Found):
            count += 1
            size += len(item.raw)
            yield item, work(item)
        else:
            yield item, None
        if jobs > 1 and hasattr(os, "fork") and (count >= _ALONE or size >= _ALONE_BYTES):
            break
    else:
        return
    from dsnparse.parallel.pool import Pool  # noqa: PLC0415 - loaded only for much work

    with closing(Pool(work, jobs)) as pool:
        yield from pool.each(items)

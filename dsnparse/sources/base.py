"""One mail where it lies, and how a file is opened."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from dsnparse.frozen import quick_init
from dsnparse.text.limits import MAX_MESSAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MAX_READ", "Found", "Unreadable", "entries", "open_regular", "read_file", "why"]

MAX_READ: Final = MAX_MESSAGE_BYTES + 1  # one byte more than is read on, so that the reader sees that there is more
_SORTED: Final = 10_000  # entries of one folder that are held in memory to be sorted

# A name below a folder may have been put there by others: no link is followed, and no FIFO is waited for.
_NAMED: Final = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0)
_CAREFUL: Final = _NAMED | getattr(os, "O_NOFOLLOW", 0)


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One mail and where it lies."""

    source: str  # the argument joined with the path below it; "-" for standard input
    index: int = 0  # the position in an mbox
    raw: bytes  # at most MAX_READ bytes
    time: float | None = None  # the file's time, in seconds since 1970; None for standard input
    new: bool = False  # whether it lies in the new/ of a Maildir


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A file or folder that could not be read, among others that could."""

    source: str
    why: str


def why(error: OSError | ValueError) -> str:
    """Return the system's words for an error, without the path that the caller names anyway."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def open_regular(path: str, *, follow: bool = False) -> int:
    """Open a regular file for reading; `follow` for a path that the user named.

    Raises OSError for anything that is no regular file.
    """
    return _opened(path, follow=follow)[0]


def _opened(path: str, *, follow: bool) -> tuple[int, os.stat_result]:
    descriptor = os.open(path, _NAMED if follow else _CAREFUL)
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise OSError(0, "is no regular file")
    return descriptor, state


def read_file(path: str, *, follow: bool = False) -> tuple[bytes, float]:
    """Return a file's bytes, at most MAX_READ, and its time."""
    descriptor, state = _opened(path, follow=follow)
    try:
        size = min(state.st_size, MAX_READ)
        raw = os.read(descriptor, size)
        while len(raw) < size and (more := os.read(descriptor, size - len(raw))):
            raw += more
    finally:
        os.close(descriptor)
    return raw, state.st_mtime


def entries(path: str) -> Iterable[os.DirEntry[str]]:
    """List a folder: sorted by name when it is of usual size, else in the file system's order and as it is read."""
    listing = os.scandir(path)
    first = list(islice(listing, _SORTED + 1))
    if len(first) > _SORTED:
        return chain(first, listing)
    listing.close()
    return sorted(first, key=lambda entry: entry.name)

"""Files, folders and standard input."""

# Paths stay the strings that the user gave: pathlib drops './' and a closing '/', and takes longer.
# ruff: noqa: PTH112, PTH116, PTH118, PTH123

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from dsnparse.errors import SourceError
from dsnparse.sources import maildir, mbox
from dsnparse.sources.base import MAX_READ, Found, Unreadable, entries, open_regular, read_file, why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["check", "read_path"]


def check(path: str) -> None:
    """Raise SourceError unless mail can be read from a path that the user named; `-` is standard input."""
    if path == "-":
        if sys.stdin is None:
            problem = "standard input is closed"
            raise SourceError(problem)
        return
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            inner = [os.path.join(path, name) for name in ("cur", "new") if os.path.isdir(os.path.join(path, name))]
            for folder in inner or [path]:
                with os.scandir(folder) as listing:
                    empty = next(listing, None) is None
            if empty and not inner:  # an empty Maildir has its folders
                problem = f"{path}: is an empty folder, no mail store"
                raise SourceError(problem)
        else:  # raises for what is no regular file either
            os.close(open_regular(path, follow=True))
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        problem = f"{path}: {why(error)}"
        raise SourceError(problem) from error


def read_path(path: str, *, as_mbox: bool = False) -> Iterator[Found | Unreadable]:
    """Read all mail at a path; as_mbox: every file is one, not only `*.mbox` and a named file that looks like one.

    Never raises for a file: what cannot be read is yielded as Unreadable.
    """
    if path == "-":
        yield from _standard_input(as_mbox=as_mbox)
    elif not os.path.isdir(path):
        yield from _file(path, as_mbox=as_mbox or mbox.is_mbox(path), follow=True)
    elif maildir.is_maildir(path):
        yield from maildir.read(path)
    else:
        yield from _folder(path, as_mbox=as_mbox)


def _standard_input(*, as_mbox: bool) -> Iterator[Found]:
    stream = sys.stdin.buffer
    mails: Iterable[bytes] = mbox.split(stream) if as_mbox else (stream.read(MAX_READ),)
    for index, raw in enumerate(mails):
        yield Found(source="-", index=index, raw=raw)


def _file(path: str, *, as_mbox: bool, follow: bool = False) -> Iterator[Found | Unreadable]:
    try:
        if as_mbox or path.lower().endswith(".mbox"):
            with open(open_regular(path, follow=follow), "rb") as stream:
                time = os.fstat(stream.fileno()).st_mtime
                for index, raw in enumerate(mbox.split(stream)):
                    yield Found(source=path, index=index, raw=raw, time=time)
        else:
            raw, time = read_file(path, follow=follow)
            yield Found(source=path, raw=raw, time=time)
    except OSError as error:
        yield Unreadable(source=path, why=why(error))


def _folder(top: str, *, as_mbox: bool) -> Iterator[Found | Unreadable]:
    """Walk a tree without recursion, each folder's entries in order; links are not followed."""
    stack = [iter(_entries_or_error(top))]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
        elif isinstance(entry, Unreadable):
            yield entry
        elif entry.name.startswith("."):
            continue
        elif entry.is_dir(follow_symlinks=False):
            if maildir.is_maildir(entry.path):
                yield from maildir.read(entry.path)
            else:
                stack.append(iter(_entries_or_error(entry.path)))
        elif entry.is_file(follow_symlinks=False):
            yield from _file(entry.path, as_mbox=as_mbox)


def _entries_or_error(path: str) -> Iterator[os.DirEntry[str] | Unreadable]:
    try:
        yield from entries(path)
    except OSError as error:
        yield Unreadable(source=path, why=why(error))

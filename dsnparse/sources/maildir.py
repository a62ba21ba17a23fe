"""Maildir, as its author describes it: https://cr.yp.to/proto/maildir.html.

`tmp/` is left alone: what lies there is still being written.  Nothing is ever deleted.
"""

# Paths stay the strings that the user gave: pathlib drops './' and a closing '/', and takes longer.
# ruff: noqa: PTH102, PTH104, PTH112, PTH116, PTH118, PTH120

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from dsnparse.sources.base import Found, Unreadable, entries, read_file, why

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_maildir", "move_to_cur", "read"]


def is_maildir(path: str) -> bool:
    """Tell whether a folder is a Maildir: git keeps no empty folders, so one of the two is enough."""
    return os.path.isdir(os.path.join(path, "new")) or os.path.isdir(os.path.join(path, "cur"))


def read(path: str) -> Iterator[Found | Unreadable]:
    """Read the mails of a Maildir: `cur/` first, so that one that is moved there meanwhile is not met twice."""
    for name in ("cur", "new"):
        folder = os.path.join(path, name)
        if os.path.isdir(folder):
            try:
                for entry in entries(folder):
                    yield from _one(entry, new=name == "new")
            except OSError as error:
                yield Unreadable(source=folder, why=why(error))


def _one(entry: os.DirEntry[str], *, new: bool) -> Iterator[Found | Unreadable]:
    if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
        return
    try:
        raw, time = read_file(entry.path)
    except FileNotFoundError:  # another reader moved it; it is found where it lies next time
        return
    except OSError as error:
        yield Unreadable(source=entry.path, why=why(error))
        return
    yield Found(source=entry.path, raw=raw, time=time, new=new)


def move_to_cur(path: str) -> str:
    """Move a mail from `new/` to `cur/` of its Maildir, with the info suffix `:2,`; return its new path.

    No flag is set: no person has seen it.  Raises OSError when it cannot be moved, FileNotFoundError when another
    reader took it, FileExistsError when another mail bears that name in `cur/`.
    """
    new, name = os.path.split(path)
    cur = os.path.join(os.path.dirname(new), "cur")
    if not os.path.isdir(cur):
        with contextlib.suppress(FileExistsError):  # another run made it at once
            os.mkdir(cur, os.stat(new).st_mode & 0o777)
    target = os.path.join(cur, name if ":2," in name else f"{name}:2,")
    if os.path.lexists(target) and os.path.lexists(path):
        raise FileExistsError(0, "another mail bears that name in cur/")
    os.rename(path, target)
    return target

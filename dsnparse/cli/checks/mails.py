"""Where mail lies: whether it can be read and moved, and how long it waits."""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH112, PTH116, PTH118

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING, Final

from dsnparse.cli.checks.base import Check, State
from dsnparse.errors import DsnparseError
from dsnparse.sources import check as check_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["source", "spool"]

_COUNTED: Final = 100_000  # mails in new/ that are looked at
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def source(path: str, now: datetime) -> Iterator[Check]:
    """Look at one path of the settings."""
    try:
        check_source(path)
    except DsnparseError as error:
        yield Check(name="source", state=State.FAIL, detail=str(error))
        return
    new, cur = os.path.join(path, "new"), os.path.join(path, "cur")
    if not os.path.isdir(new):
        yield Check(name="source", detail=f"{path}: is read; no Maildir with new/, so no mail is moved")
        return
    yield _maildir_rights(path, new, cur)
    yield _waiting(path, new, now)


def spool(path: str) -> Check:
    """Look at the spool of `dsnparse ingest`, as the user who runs this."""
    if not os.path.lexists(path):
        return Check(name="spool", detail=f"{path}: nothing has come by `dsnparse ingest`")
    places = (path, *(os.path.join(path, name) for name in ("tmp", "new", "cur")))
    for place in places:
        if not os.path.isdir(place):
            missing = not os.path.lexists(place) and os.access(path, os.W_OK | os.X_OK)
            state = State.OK if missing else State.FAIL
            return Check(name="spool", state=state, detail=f"{place}: {'will be made' if missing else 'is no folder'}")
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            return Check(name="spool", state=State.FAIL, detail=f"{place}: cannot be read and written")
    if len({os.stat(place).st_dev for place in places[1:]}) > 1:
        detail = f"{path}: tmp/, new/ and cur/ lie on several file systems, so no mail can be moved"
        return Check(name="spool", state=State.FAIL, detail=detail)
    if os.stat(path).st_mode & _OTHERS:
        return Check(name="spool", state=State.WARN, detail=f"{path}: others may look into it: chmod 700")
    return Check(name="spool", detail=f"{path}: only its owner may look into it")


def _maildir_rights(path: str, new: str, cur: str) -> Check:
    problems = [
        f"{folder}: {problem}"
        for folder, rights, problem in (
            (new, os.R_OK | os.X_OK, "cannot be read"),
            (new, os.W_OK | os.X_OK, "mails cannot be moved out of it"),
            (cur if os.path.isdir(cur) else path, os.W_OK | os.X_OK, "mails cannot be moved to it"),
        )
        if not os.access(folder, rights)
    ]
    if os.path.isdir(cur) and os.stat(cur).st_dev != os.stat(new).st_dev:
        problems.append(f"{cur}: lies on another file system than new/, so no mail can be moved")
    if problems:
        return Check(name="maildir", state=State.FAIL, detail="; ".join(problems))
    return Check(name="maildir", detail=f"{path}: can be read, and mails can be moved to cur/")


def _waiting(path: str, new: str, now: datetime) -> Check:
    """Count what waits in new/, and tell how old the oldest is: mails that nobody takes lie there for long."""
    count, oldest, unreadable = 0, now.timestamp(), ""
    with os.scandir(new) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            count += 1
            with contextlib.suppress(FileNotFoundError):  # another reader moved it meanwhile
                oldest = min(oldest, entry.stat(follow_symlinks=False).st_mtime)
                if not unreadable and not os.access(entry.path, os.R_OK):
                    unreadable = entry.name
            if count == _COUNTED:
                break
    if unreadable:
        return Check(name="mails", state=State.FAIL, detail=f"{new}: mails that cannot be read, such as {unreadable}")
    days = (now.timestamp() - oldest) / 86_400
    more = "at least " if count == _COUNTED else ""
    age = f", the oldest {days:.0f} days old" if count else ""
    return Check(name="mails", detail=f"{path}: {more}{count} in new/{age}")

"""The ledger: its folder, its rights, what is in it, the disk, and the clock that dates what goes in."""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH112, PTH116, PTH120

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dsnparse.cli.checks.base import Check, State
from dsnparse.errors import DsnparseError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clock", "ledger", "space"]

_LEAST_SPACE: Final = 100 * 1024 * 1024  # octets: a ledger of 100,000 mails and its journal, twice over
_NO_SPACE: Final = 5 * 1024 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def ledger(path: str, now: datetime) -> Iterator[Check]:
    """Look at a ledger that may not be there yet."""
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100 - a string stays one
    there = folder
    while not os.path.isdir(there) and there != os.path.dirname(there):
        there = os.path.dirname(there)
    if os.access(there, os.W_OK | os.X_OK):
        yield Check(name="ledger folder", detail=folder if there == folder else f"{folder}: will be made in {there}")
    else:
        yield Check(name="ledger folder", state=State.FAIL, detail=f"{there}: cannot be written to")
    yield space(there)
    if not os.path.lexists(path):
        yield Check(name="ledger", detail=f"{path}: will be made by the first run with --live")
        yield clock(now, None)
        return
    if not os.access(path, os.R_OK | os.W_OK):
        yield Check(name="ledger", state=State.FAIL, detail=f"{path}: cannot be read and written")
        return
    if os.stat(path).st_mode & _OTHERS:
        yield Check(name="ledger mode", state=State.WARN, detail=f"{path}: others may read it: chmod 600")
    else:
        yield Check(name="ledger mode", detail="only its owner may read it")
    yield from _content(path, now)


def _content(path: str, now: datetime) -> Iterator[Check]:
    """Look into a private copy: opening the file itself would leave SQLite's own files beside it."""
    from dsnparse.ledger.opening import clear_errors, open_copy  # noqa: PLC0415 - no database for `doctor --help`

    try:
        with clear_errors(path), contextlib.closing(open_copy(path)) as copy:
            (answer,) = copy.execute("PRAGMA quick_check(1)").fetchone()
            (mails, newest_mail) = copy.execute("SELECT count(*), max(read_at) FROM mail").fetchone()
            (events, newest) = copy.execute("SELECT count(*), max(at) FROM event").fetchone()
    except DsnparseError as error:
        yield Check(name="ledger", state=State.FAIL, detail=str(error))
        return
    if answer != "ok":
        yield Check(name="ledger", state=State.FAIL, detail=f"{path}: is damaged: {answer}")
        return
    yield Check(name="ledger", detail=f"{path}: {mails} mails and {events} failures in it")
    yield clock(now, max((time for time in (newest_mail, newest) if time is not None), default=None))


def space(folder: str) -> Check:
    """Look at the disk that a folder is on."""
    free = shutil.disk_usage(folder).free
    detail = f"{free // (1024 * 1024)} MiB free in {folder}"
    state = State.FAIL if free < _NO_SPACE else State.WARN if free < _LEAST_SPACE else State.OK
    return Check(name="disk", state=state, detail=detail)


def clock(now: datetime, newest: int | None) -> Check:
    """Compare the clock with what is known to be past; whether NTP sets it cannot be seen from here."""
    built = datetime.fromtimestamp(os.stat(__file__).st_mtime, UTC)
    if now < built:
        detail = f"{now:%Y-%m-%d %H:%M} UTC is before dsnparse was installed"
        return Check(name="clock", state=State.FAIL, detail=detail)
    if newest is not None and now.timestamp() < newest:
        last = datetime.fromtimestamp(newest, UTC)
        detail = f"{now:%Y-%m-%d %H:%M} UTC is before the newest entry of the ledger, {last:%Y-%m-%d %H:%M} UTC"
        return Check(name="clock", state=State.FAIL, detail=detail)
    return Check(name="clock", detail=f"{now:%Y-%m-%d %H:%M} UTC")

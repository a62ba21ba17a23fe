"""A file of addresses that get no mail: one a line, or CSV when its name ends in .csv.

Lines that are there already stay byte for byte, whoever wrote them; what is missing is put behind them.  The file is
replaced as a whole and only when something is missing, so a reader never sees half of it.
"""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH105, PTH108, PTH116, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import Answer, Outcome
from dsnparse.text.cells import guard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Decision

__all__ = ["SuppressionFile"]

_COLUMNS: Final = ("address", "reason", "status", "since", "message_id")
_ADDRESS_COLUMNS: Final = ("address", "email", "recipient")  # what other tools call it
_MODE: Final = 0o600  # addresses are personal data; the mode of a file that is there stays

# What a person must mend, as against a disk that is full or a server that is away.
_REFUSED: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}
    | {errno.ENAMETOOLONG},
)


class SuppressionFile:
    """The adapter for one file."""

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path)
        self._csv = path.lower().endswith(".csv")

    @property
    def name(self) -> str:
        """The kind and the file."""
        return f"suppression:{self._path}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Put every address into the file that is not there."""
        try:
            return self._apply(decisions)
        except OSError as error:
            outcome = Outcome.REFUSED if error.errno in _REFUSED else Outcome.RETRY
            return [Answer(outcome=outcome, detail=f"{self._path}: {error.strerror or error}")] * len(decisions)
        except (ValueError, csv.Error) as error:
            return [Answer(outcome=Outcome.REFUSED, detail=f"{self._path}: {error}")] * len(decisions)

    def _apply(self, decisions: Sequence[Decision]) -> list[Answer]:
        old = _read(self._path)
        known, header = _table(old) if self._csv else (_lines(old), ())
        answers: list[Answer] = []
        missing: list[Decision] = []
        for decision in decisions:
            if checked(decision.address) != decision.address:
                answers.append(Answer(outcome=Outcome.BAD_REQUEST, detail="no address that is safe to hand over"))
            elif decision.address.lower() in known:
                answers.append(Answer(outcome=Outcome.ALREADY))
            else:
                known.add(decision.address.lower())
                missing.append(decision)
                answers.append(Answer(outcome=Outcome.DONE))
        if missing or not os.path.lexists(self._path):
            _replace(self._path, old, _rows(missing, header, new=not old) if self._csv else _plain(missing))
        return answers


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def _lines(old: bytes) -> set[str]:
    """Return the addresses of a plain file; letters' case tells nobody apart here."""
    return {line.strip().lower() for line in old.decode("utf-8-sig", "replace").splitlines()}


def _table(old: bytes) -> tuple[set[str], Sequence[str]]:
    """Return the addresses of a CSV file and its columns in order."""
    rows = csv.reader(io.StringIO(old.decode("utf-8-sig", "replace"), newline=""))
    header = next(rows, None) or _COLUMNS
    names = [name.strip().lower() for name in header]
    column = next((names.index(name) for name in _ADDRESS_COLUMNS if name in names), None)
    if column is None:
        problem = "the first line names no column 'address'"
        raise ValueError(problem)
    return {row[column].strip().lower() for row in rows if len(row) > column}, names


def _plain(missing: Sequence[Decision]) -> str:
    return "".join(f"{decision.address}\n" for decision in missing)


def _rows(missing: Sequence[Decision], header: Sequence[str], *, new: bool) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if new:
        writer.writerow(_COLUMNS)
    for decision in missing:
        event = decision.event
        cells = {
            "reason": event.reason or "",
            "status": event.status or "",
            "since": event.at.isoformat(),
            "message_id": _cell(event.original),
        } | dict.fromkeys(_ADDRESS_COLUMNS, decision.address)
        writer.writerow([cells.get(name, "") for name in header])
    return text.getvalue()


def _cell(text: str) -> str:
    """Return words of a mail without line ends and other controls, and never as a formula."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return guard(text) + text


def _replace(path: str, old: bytes, added: str) -> None:
    """Write the file anew beside the old one, then put it in its place; a crash leaves the old or the new one."""
    separator = b"" if not old or old.endswith(b"\n") else b"\n"
    folder = os.path.dirname(path)
    # One name, so that what a killed run left is taken away by the next.
    temporary = os.path.join(folder, f".{os.path.basename(path)[:200]}.dsnparse-new")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(old + separator + added.encode())
            _keep_owner(path, stream.fileno())
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _keep_owner(path: str, descriptor: int) -> None:
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return
    with contextlib.suppress(PermissionError):  # only root may give files away
        os.fchown(descriptor, state.st_uid, state.st_gid)
    os.fchmod(descriptor, state.st_mode & 0o7777)


def _sync_folder(folder: str) -> None:
    """Make the new name last a power failure too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""A file of addresses that get no mail, in one of several layouts (dsnparse.adapters.suppression_rows).

Lines that are there already stay byte for byte, whoever wrote them; what is missing is put behind them, and what is to
be mailed again is taken out.  The file is replaced as a whole and only when something changes, so a reader never sees
half of it.
"""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH112, PTH105, PTH108, PTH116, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import codecs
import contextlib
import csv
import errno
import os
import stat
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome
from dsnparse.adapters.suppression_rows import LAYOUTS, by_name, layout
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.adapters.suppression_rows import Layout
    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["SuppressionFile", "make"]

_MODE: Final = 0o600  # addresses are personal data; the mode of a file that is there stays

# What a person must mend, as against a disk that is full or a server that is away.
_REFUSED: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP}
    | {errno.ENAMETOOLONG},
)


def make(table: Table) -> SuppressionFile:
    """Make the adapter from `path`, `layout` (by the file's name where it is missing) and `formula_guard`."""
    path = table.path("path")
    name = table.choice("layout", LAYOUTS, by_name(path))
    return SuppressionFile(path, layout(name, formula_guard=table.flag("formula_guard", default=True)))


class SuppressionFile:
    """The adapter for one file."""

    def __init__(self, path: str, layout_: Layout | None = None) -> None:
        """Take the file; its layout is the one that its name asks for where none is given."""
        self._path = os.path.realpath(path)
        self._layout = layout_ or layout(by_name(path))

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

    def lost(self) -> bool:
        """Tell whether the file is gone; where its folder is gone too, the disk may only be away."""
        return os.path.isdir(os.path.dirname(self._path)) and not os.path.lexists(self._path)

    def check(self) -> Answer:
        """Tell whether the file can be read and replaced."""
        folder = os.path.dirname(self._path)
        try:
            self._layout.read(_text(_read(self._path)))
        except OSError as error:
            return Answer(outcome=Outcome.REFUSED, detail=f"{self._path}: {error.strerror or error}")
        except (ValueError, csv.Error) as error:
            return Answer(outcome=Outcome.REFUSED, detail=f"{self._path}: {error}")
        if not os.access(folder, os.W_OK | os.X_OK):
            return Answer(outcome=Outcome.REFUSED, detail=f"{folder}: no file can be made here")
        return Answer(outcome=Outcome.DONE, detail=self._path)

    def _apply(self, decisions: Sequence[Decision]) -> list[Answer]:
        old = _read(self._path)
        text = _text(old)
        pieces = self._layout.read(text)
        known = {address for _, address in pieces}
        answers: list[Answer] = []
        missing: dict[str, Decision] = {}
        gone: set[str] = set()
        for decision in decisions:
            address = decision.address.lower()
            if checked(decision.address) != decision.address:
                answers.append(UNSAFE)
            elif (address in known) is (decision.wanted is not Wanted.RESTORE):
                answers.append(Answer(outcome=Outcome.ALREADY))
            elif decision.wanted is Wanted.RESTORE:
                known.discard(address)
                gone.add(address)
                missing.pop(address, None)
                answers.append(Answer(outcome=Outcome.DONE))
            else:
                known.add(address)
                missing[address] = decision
                answers.append(Answer(outcome=Outcome.DONE))
        if missing or gone or not os.path.lexists(self._path):
            kept = "".join(piece for piece, address in pieces if address not in gone)
            mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
            rows = self._layout.rows(list(missing.values()), text)
            _replace(self._path, mark + kept.encode("utf-8", "surrogateescape"), rows)
        return answers


def _read(path: str) -> bytes:
    """Return a file's octets; anything that is no regular file is refused, and never waited for."""
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                problem = "is no regular file"
                raise ValueError(problem)
            return stream.read()
    except FileNotFoundError:
        return b""


def _text(old: bytes) -> str:
    """Return what stands in a file; what is no UTF-8 goes back as it came."""
    return old.decode("utf-8-sig", "surrogateescape")


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

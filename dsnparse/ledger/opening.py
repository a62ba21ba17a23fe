"""Opening a ledger: the lock, the file's mode, the schema, and SQLite's errors in plain words."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from dsnparse.errors import LedgerError
from dsnparse.ledger.base import LedgerBusyError
from dsnparse.ledger.schema import APPLICATION_ID, MIGRATIONS
from dsnparse.model import decision_id
from dsnparse.policy.guards import domain_of, organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clear_errors", "lock", "open_copy", "open_file"]

_WAIT: Final = 10.0  # seconds for another writer to finish its transaction

# SQLite's primary result codes (sqlite3.h): what trying again may mend.  A full quota comes as an I/O error.
_AGAIN: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another program",
    sqlite3.SQLITE_LOCKED: "is locked by another program",
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written: disk I/O error",
}
_BROKEN: Final = {
    sqlite3.SQLITE_READONLY: "cannot be written: it or its folder is read-only",
    sqlite3.SQLITE_PERM: "cannot be opened: permission denied",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_CORRUPT: "is damaged: put back a copy, or move it away to begin anew",
    sqlite3.SQLITE_NOTADB: "is no ledger of dsnparse",
}
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextlib.contextmanager
def clear_errors(path: str) -> Iterator[None]:
    """Turn the errors of SQLite and of the system into LedgerError with one line that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _AGAIN:
            problem = f"{path}: {_AGAIN[code]}"
            raise LedgerBusyError(problem) from error
        problem = f"{path}: {_BROKEN.get(code, f'cannot be used: {error}')}"
        raise LedgerError(problem) from error
    except OSError as error:
        problem = f"{path}: cannot be opened: {error.strerror or error}"
        raise (LedgerBusyError if error.errno in _NO_SPACE else LedgerError)(problem) from error


def lock(path: str) -> int:
    """Keep every other run away from a ledger until the descriptor is closed, or the process ends however it ends.

    A file of its own: closing the ledger's own file would drop the locks that SQLite holds on it (POSIX fcntl).
    """
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(f"{os.path.realpath(path)}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        problem = f"{path}: another run is at work on it"
        raise LedgerBusyError(problem) from error
    return descriptor


def open_file(path: str) -> sqlite3.Connection:
    """Open a ledger for writing; it appears by itself, readable by its owner only."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's own files take over this mode
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    try:
        _check(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # intent must outlast a power failure
        connection.execute("PRAGMA cache_size = -32000")  # kB; keys are spread, and 2 MB is soon too small
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_copy(path: str) -> sqlite3.Connection:
    """Open a private copy of a ledger, an empty one where there is none; SQLite keeps it in a temporary file.

    Nothing beside the ledger is written or changed, which a plain read-only connection would do.
    """
    connection = sqlite3.connect("", isolation_level=None)
    try:
        if Path(path).exists():
            with _still(path) as address, contextlib.closing(sqlite3.connect(address, uri=True)) as source:
                _check(source, path)
                source.backup(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _still(path: str) -> Iterator[str]:
    """Give the URI of a database to read a ledger from, without SQLite's -wal and -shm files coming or changing.

    Without a -wal file nobody is writing, so SQLite may take the file for one that does not change.  A run that was
    killed leaves one, with which SQLite makes or changes the -shm file even to read: it is read elsewhere.  While a run
    is at work both are there anyway, and copies of files that are being written would be torn.
    """
    if not Path(f"{path}-wal").exists():
        yield f"file:{quote(os.fsencode(path))}?immutable=1"
        return
    if _at_work(path):
        yield f"file:{quote(os.fsencode(path))}?mode=ro"
        return
    with tempfile.TemporaryDirectory(prefix="dsnparse-") as folder:
        place = Path(folder) / "ledger"
        for ending in ("", "-wal"):
            shutil.copyfile(path + ending, f"{place}{ending}")
        yield f"file:{quote(os.fsencode(place))}"


def _at_work(path: str) -> bool:
    """Tell whether a run holds the lock of a ledger, without taking it away from one that begins."""
    try:
        descriptor = os.open(f"{os.path.realpath(path)}.lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _check(connection: sqlite3.Connection, path: str) -> None:
    """Raise LedgerError unless the file is empty or a ledger that this version understands."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and tables:
        problem = f"{path}: is no ledger of dsnparse"
        raise LedgerError(problem)
    if version > len(MIGRATIONS):
        problem = f"{path}: was written by a newer dsnparse (schema {version}, this one knows {len(MIGRATIONS)})"
        raise LedgerError(problem)


def _migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing, each in one transaction."""
    connection.create_function("domain_of", 1, domain_of, deterministic=True)
    connection.create_function("organisation", 1, organisation, deterministic=True)
    connection.create_function("decision_id", 4, decision_id, deterministic=True)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")

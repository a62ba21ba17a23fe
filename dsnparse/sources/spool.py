"""Taking in one mail from a mail server's pipe, so that it is safe before the server is told so.

The spool is a Maildir: a mail is written to `tmp/`, forced to the disk, and moved to `new/` under a name that no other
mail has.  `dsnparse run` reads it as any other.  Nothing of the mail goes into a name.
"""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH112, PTH118, PTH120

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

from dsnparse.errors import SourceError
from dsnparse.settings import state_path

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["default_spool", "deliver"]

_CHUNK: Final = 1 << 16
_FOLDER: Final = 0o700
_MAIL: Final = 0o600


def default_spool() -> str:
    """Return where the spool lies unless the user says: beside the ledger, below XDG_STATE_HOME or ~/.local/state."""
    return state_path("spool")


def deliver(mail: BinaryIO, folder: str, *, recipient: str | None = None) -> str:
    """Write a mail into a spool, which appears by itself; return its path when it is safe on the disk.

    recipient: of the envelope; stands on top of the mail as Delivered-To, as local delivery writes it.
    Raises SourceError for a mail of no bytes, and OSError where it cannot be written.  Nothing of it is left then,
    but that it may lie in `new/` already where only its name could not be forced to the disk: it comes twice then,
    and the ledger knows the second one by its octets.
    """
    for name in ("", "cur", "new", "tmp"):
        _make(os.path.join(folder, name) if name else folder)
    # The host's name may bear a slash or a colon, which the Maildir format spells otherwise.
    host = os.uname().nodename.replace("/", "\\057").replace(":", "\\072")
    name = f"{int(time.time())}.P{os.getpid()}R{os.urandom(8).hex()}.{host}"
    temporary, target = (os.path.join(folder, place, name) for place in ("tmp", "new"))
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MAIL)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor
            os.fchmod(descriptor, _MAIL)  # whatever the umask is
            _copy(mail, stream, recipient)
            stream.flush()
            os.fsync(descriptor)
        os.rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync(os.path.join(folder, "new"))
    return target


def _make(folder: str) -> None:
    """Make a folder and those above it, each for its owner only whatever the umask is; what is there stays as it is."""
    if os.path.isdir(folder):
        return
    above = os.path.dirname(os.path.abspath(folder))  # noqa: PTH100 - a string stays one
    _make(above)
    try:
        os.mkdir(folder, _FOLDER)
    except FileExistsError:  # another mail came at once; what is no folder fails where it is entered
        return
    os.chmod(folder, _FOLDER)
    _sync(above)


def _copy(mail: BinaryIO, stream: BinaryIO, recipient: str | None) -> None:
    """Copy the mail as it is, without the line `From ` that some pipes put in front; it is of any size."""
    first = mail.read(_CHUNK)
    # "From :" is a header field, in the obsolete syntax of RFC 5322 section 4.5.
    if first.startswith(b"From ") and not first[5:].lstrip(b" \t").startswith(b":"):
        _, ended, rest = first.partition(b"\n")
        first = (rest or mail.read(_CHUNK)) if ended else first
    if not first:
        problem = "no mail came on standard input"
        raise SourceError(problem)
    if recipient is not None:
        stream.write(b"Delivered-To: " + recipient.encode("utf-8", "surrogateescape") + b"\n")
    stream.write(first)
    while more := mail.read(_CHUNK):
        stream.write(more)


def _sync(folder: str) -> None:
    """Make a new name in a folder last a power failure too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

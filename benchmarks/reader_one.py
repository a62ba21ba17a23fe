"""One mail, one reader: `python reader_one.py NAME FILE`.

Prints the seconds of user CPU that the reading took, and by how many bytes the process grew for mail and reading.
"""

from __future__ import annotations

import resource
import sys
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SMALL = b"From: MAILER-DAEMON@example.org\nSubject: Undelivered mail\n\n<alice@example.net>: 550 5.1.1 user unknown\n"


def main(name: str, path: str) -> None:
    """Read the mail once, all imports done before."""
    import flufl.bounce  # noqa: PLC0415 - all three have the same modules in memory

    import dsnparse  # noqa: PLC0415 - see above

    readers: dict[str, Callable[[bytes], object]] = {
        "dsnparse": dsnparse.parse,
        "message_from_bytes": message_from_bytes,
        "flufl.bounce": lambda raw: flufl.bounce.all_failures(message_from_bytes(raw)),
    }
    dsnparse.parse(_SMALL)  # loads the tables
    before = _peak()
    raw = Path(path).read_bytes()
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    readers[name](raw)
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - start
    sys.stdout.write(f"{seconds} {_peak() - before}\n")


def _peak() -> int:
    """Return the most bytes that this process has held.  A process starts with its parent's `ru_maxrss` on Linux."""
    if (status := Path("/proc/self/status")).is_file():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])

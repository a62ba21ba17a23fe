"""phpList's command as it showed itself when it was run: OK for everybody, exit status 0 for everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.contracts.adapter import Fault

if TYPE_CHECKING:
    from pathlib import Path

_COMMAND: Final = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> {folder}/words; done
echo phpList version 3.6
{fault}
[ "$1" = -pblacklistemail ] && [ "$2" = -e ] && [ -n "$3" ] && [ $# = 3 ] || {{ echo FAIL; exit 0; }}
grep -qxF -e "$3" {folder}/blacklist || printf '%s\\n' "$3" >> {folder}/blacklist
{death}
echo OK
"""
_FAULTS: Final = {
    Fault.SERVER_ERROR: "echo FAIL; exit 0",
    Fault.TIMEOUT: "sleep 5; exit 0",
    Fault.GARBAGE: "printf '\\033[2J OK\\377\\n'; exit 0",
}


class Command:
    """The command, in a folder with what it keeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "phplist"
        (folder / "blacklist").touch()
        self.write()

    def write(self, fault: str = "", death: str = "") -> None:
        """Write the command, with lines of a fault."""
        self.path.write_text(_COMMAND.format(folder=self.folder, fault=fault, death=death))
        self.path.chmod(0o755)

    def fail(self, fault: Fault) -> None:
        """Be away, or fail in the way that is known of it."""
        if fault is Fault.AWAY:
            self.path.unlink()
        elif fault is Fault.DIES:
            self.write(death="kill -9 $$")
        else:
            self.write(_FAULTS[fault])

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file that the command keeps."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

"""Who reads the mails: each is a command that reads every file of a folder in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Contestant", "found"]

HERE: Final = Path(__file__).parent
OWN: Final = "dsnparse"

_PERL: Final = "use Sisimai; print Sisimai->dump($ARGV[0])"
_RUBY: Final = "require 'sisimai'; puts Sisimai.dump(ARGV[0])"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A reader; the folder's path is put behind `command`."""

    name: str
    gives: str  # what it makes of a mail
    command: tuple[str, ...]


def found() -> list[Contestant]:
    """Return the contestants that are installed here, dsnparse first."""
    python = sys.executable
    everyone = [
        Contestant(OWN, "reports, free text, reasons, verdicts; JSON", _own()),
        Contestant("message_from_bytes", "the MIME tree; no answer", (python, str(HERE / "reader_stdlib.py"))),
        Contestant("flufl.bounce", "addresses", (python, str(HERE / "reader_flufl.py"))),
    ]
    if _runs("perl", "-MSisimai", "-e", "1"):
        everyone.append(Contestant("Sisimai, Perl", "addresses, reasons; JSON", ("perl", "-e", _PERL)))
    if _runs("ruby", "-rsisimai", "-e", "1"):
        everyone.append(Contestant("Sisimai, Ruby", "addresses, reasons; JSON", ("ruby", "-e", _RUBY)))
    if program := shutil.which("sisimai-go"):
        everyone.append(Contestant("Sisimai, Go", "addresses, reasons; JSON", (program,)))
    return everyone


def _own() -> tuple[str, ...]:
    """Return our command for one process, whose whole work is then measured."""
    command = (sys.executable, "-m", "dsnparse", "parse")
    done = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    one = ("--jobs", "1") if "--jobs" in done.stdout else ()
    return (*command, "--json", "--quiet", *one)


def _runs(program: str, *arguments: str) -> bool:
    if not shutil.which(program):
        return False
    return subprocess.run([program, *arguments], capture_output=True, check=False).returncode == 0

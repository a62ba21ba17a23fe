"""Running another program: a list of words, no shell, an end to every wait, and a bounded answer."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import Popen

__all__ = ["Ran", "run"]

_MAX_OUTPUT: Final = 1 << 24  # octets; a program that says more is stopped
_CHUNK: Final = 1 << 16
_LOOK: Final = 0.2  # seconds between two looks whether a silent program has ended
# All else stays here: secrets may stand in the environment.
_KEPT: Final = ("PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it."""

    status: int | None  # the exit status; negative: the signal that ended it; None: it did not start, or not end
    output: bytes = b""  # both streams, as they came; not to be trusted
    problem: str = ""  # why there is no status
    hopeless: bool = False  # it will not start until a person has done something


def run(command: Sequence[str], given: bytes = b"", *, timeout: float, owner: tuple[int, int] | None = None) -> Ran:
    """Run a program to its end; raises nothing for whatever it does.

    command: an absolute path or a name in PATH, and its words; given: its input; timeout: seconds, after which it is
    killed with all that it started; owner: user and group to run as, which only root may give; None: as we are.
    """
    import subprocess  # noqa: PLC0415 - most runs start no program
    import tempfile  # noqa: PLC0415 - likewise

    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C.UTF-8"}
    try:
        with tempfile.TemporaryFile() as stdin:  # a file, so that nobody waits for somebody who does not read
            stdin.write(given)
            stdin.seek(0)
            started = subprocess.Popen(  # noqa: S603 - a list, no shell; callers check each word that is not the owner's
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                user=None if owner is None else owner[0],
                group=None if owner is None else owner[1],
                extra_groups=None if owner is None else (),
            )
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or "a word that no program can be given"
        return Ran(status=None, problem=f"{command[0]}: cannot be started: {words}", hopeless=True)
    with started:
        return _attend(started, command[0], timeout)


def _attend(started: Popen[bytes], name: str, timeout: float) -> Ran:
    """Read what it says until it ends, or until it is ended."""
    until = time.monotonic() + timeout
    output = bytearray()
    stdout = 0 if started.stdout is None else started.stdout.fileno()
    poll = select.poll()
    poll.register(stdout, select.POLLIN)
    problem = ""
    while not problem:
        left = until - time.monotonic()
        if not poll.poll(min(max(0.0, left), _LOOK) * 1000):
            if started.poll() is not None:  # it has gone; who keeps its output open is somebody that it left behind
                return Ran(status=started.returncode, output=bytes(output))
            problem = "" if left > 0 else f"{name}: did not end in {timeout:g} s"
        elif chunk := os.read(stdout, _CHUNK):
            output += chunk
            problem = f"{name}: said too much" if len(output) > _MAX_OUTPUT else ""
        elif _ended(started, until):
            return Ran(status=started.returncode, output=bytes(output))
        else:
            problem = f"{name}: did not end in {timeout:g} s"
    with contextlib.suppress(ProcessLookupError):  # it has just gone by itself
        os.killpg(started.pid, signal.SIGKILL)
    return Ran(status=None, output=bytes(output), problem=problem)


def _ended(started: Popen[bytes], until: float) -> bool:
    """Wait for one who has closed its output."""
    import subprocess  # noqa: PLC0415 - loaded by `run`

    try:
        started.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True

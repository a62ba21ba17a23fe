"""What is written: to stdout until its reader has gone, to stderr while somebody waits."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

__all__ = ["Closed", "Output", "Progress", "printable", "silence"]

_Item = TypeVar("_Item")

_PATIENCE: Final = 1.0  # seconds before anything is shown
_STEP: Final = 0.2  # seconds between two updates


class Closed(Exception):  # noqa: N818 - no error: the reader has seen enough
    """The reader of our output has gone, as in `| head`."""


def printable(text: str) -> str:
    r"""Return text of a mail or a file's name with everything that could drive a terminal as an escape such as `\x1b`.

    That is what Unicode calls a control, a format character (those that turn the writing direction among them), a line
    break, a surrogate, or no character at all.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode-escape").decode("ascii") for letter in text
    )


class Progress:
    """A count on stderr, only on a terminal and only when it takes longer than a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._on = not quiet and sys.stderr.isatty()
        self._next = time.monotonic() + _PATIENCE
        self._shown = False

    def count(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """Yield the items, and show how many there were."""
        for number, item in enumerate(items, 1):
            yield item
            if self._on and (now := time.monotonic()) >= self._next:
                sys.stderr.write(f"\r{number} mails read")
                sys.stderr.flush()
                self._shown = True
                self._next = now + _STEP
        self.clear()

    def clear(self) -> None:
        """Take the count off the line, before something else is written there."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


class Output:
    """stdout; go_on: when its reader has gone, the rest is thrown away instead of raising Closed."""

    def __init__(self, progress: Progress, *, go_on: bool = False) -> None:
        self._progress = progress
        self._go_on = go_on

    def write(self, text: str) -> None:
        """Write text; raises Closed when nobody reads any more."""
        self._progress.clear()
        try:
            sys.stdout.write(text)
        except BrokenPipeError as error:
            if not self._go_on:
                raise Closed from error
            silence()


def silence(stream: TextIO | None = None) -> None:
    """Throw away what is still to be written, to stdout by default: the interpreter must not fail on it as it ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, (stream or sys.stdout).fileno())
    os.close(null)

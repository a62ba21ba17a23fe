"""A run in a process of its own that kills itself at a chosen step, and a list that writes down every effect."""

from __future__ import annotations

import os
import signal
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dsnparse.adapters import Answer, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from dsnparse.model import Decision

_READS = ("SELECT", "PRAGMA")


@dataclass
class Steps:
    """Counts what would be lost or done twice by a crash, and dies at one of these steps."""

    at: int = 0  # the number of the step to die at; 0: never
    wanted: Collection[str] = ()  # not before one of these steps, if it comes soon
    patience: int = 0  # so many steps more
    log: Path | None = None  # gets the name of the step
    taken: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        """Take a step."""
        self.taken.append(name)
        late = len(self.taken) - self.at
        if self.at and late >= 0 and (name in self.wanted or late >= self.patience):
            if self.log is not None:
                self.log.write_text(name)
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return a function with a step before it and one behind it."""

        def stepping(*args: object, **more: object) -> object:
            self.step(f"before {name}")
            answer = function(*args, **more)
            self.step(f"after {name}")
            return answer

        return stepping

    def connection(self) -> type[sqlite3.Connection]:
        """Return a class of connections with a step before each statement that writes, and behind each commit."""
        steps = self

        class Connection(sqlite3.Connection):
            def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
                if statement == "PRAGMA synchronous = FULL":
                    statement = "PRAGMA synchronous = OFF"  # what a process wrote outlives it, only not a power failure
                words = " ".join(statement.split()[:4])
                if not words.startswith(_READS):
                    steps.step(f"before {words}")
                cursor = super().execute(statement, *values)
                if words == "COMMIT":
                    steps.step("after COMMIT")
                return cursor

            def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
                steps.step(f"before {' '.join(statement.split()[:4])}")
                return super().executemany(statement, *values)

        return Connection

    def put_in(self) -> None:
        """Step where this process writes, moves or replaces anything; only for a process that ends soon."""
        connect, kind = sqlite3.connect, self.connection()
        sqlite3.connect = lambda *args, **more: connect(*args, factory=kind, **more)  # type: ignore[assignment]
        os.fsync = self.around(lambda _: None, "os.fsync")
        for name in ("rename", "replace"):
            setattr(os, name, self.around(getattr(os, name), f"os.{name}"))


class List:
    """An adapter that appends every effect to a file, and does none twice for one decision, as real lists."""

    name = "list:"

    def __init__(self, path: Path, steps: Steps) -> None:
        self._path = path
        self._steps = steps

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Append those that are not there."""
        self._append("call", [decision.id for decision in decisions])
        known = {line.split()[1] for line in self.lines() if not line.startswith("call ")}
        return [self._one(decision, known) for decision in decisions]

    def _one(self, decision: Decision, known: set[str]) -> Answer:
        if decision.id in known:
            return Answer(outcome=Outcome.ALREADY)
        self._steps.step("before an effect")
        self._append(decision.wanted, [f"{decision.id} {decision.address} {decision.list}"])
        self._steps.step("after an effect")
        return Answer(outcome=Outcome.DONE)

    def _append(self, word: str, rest: Sequence[str]) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, "".join(f"{word} {one}\n" for one in rest).encode())
        os.close(descriptor)

    def lines(self) -> list[str]:
        """Return calls and effects."""
        return self._path.read_text().splitlines() if self._path.exists() else []

    def check(self) -> Answer:
        """Nothing can be wrong."""
        return Answer(outcome=Outcome.DONE)


def in_a_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own; return its exit status, or the signal that killed it as a negative."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - nothing of the test run may go on here
            import traceback  # noqa: PLC0415 - in the child only

            traceback.print_exc()
            os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters.program import Ran, run

if TYPE_CHECKING:
    from pathlib import Path


def sh(lines: str, given: bytes = b"", timeout: float = 5) -> Ran:
    return run(["/bin/sh", "-c", lines], given, timeout=timeout)


def test_a_program_that_ends() -> None:
    assert sh("cat; echo there >&2; exit 3", b"here\n") == Ran(status=3, output=b"here\nthere\n")


def test_a_program_that_a_signal_ends() -> None:
    assert sh("kill -9 $$").status == -9


def test_no_word_meets_a_shell(tmp_path: Path) -> None:
    words = ["$(touch x)", "; touch x", "`touch x`", "-n", "a b", "*", "'"]
    code = "import sys; sys.stdout.write('|'.join(sys.argv[1:]))"
    assert run([sys.executable, "-c", code, *words], timeout=10).output.decode() == "|".join(words)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_reads_nothing_is_waited_for_by_nobody() -> None:
    assert sh("exit 0", b"x" * 1_000_000).status == 0


@pytest.mark.parametrize("lines", ["sleep 9", "sleep 9 & wait", "exec >&- 2>&-; sleep 9"])
def test_whatever_does_not_end_is_ended_with_all_that_it_started(lines: str) -> None:
    began = time.monotonic()
    assert sh(lines, timeout=0.2) == Ran(status=None, problem="/bin/sh: did not end in 0.2 s")
    assert time.monotonic() - began < 2


def test_whom_a_program_leaves_behind_is_not_waited_for() -> None:
    began = time.monotonic()
    assert sh("sleep 5 & exit 3", timeout=20) == Ran(status=3)
    assert time.monotonic() - began < 4


def test_a_very_long_patience_is_no_error() -> None:
    assert sh("exit 0", timeout=1e9).status == 0


def test_a_program_that_talks_without_end_is_ended() -> None:
    ran = sh("yes", timeout=20)
    assert (ran.status, ran.problem) == (None, "/bin/sh: said too much")


@pytest.mark.parametrize("command", [["/nonexistent/program"], ["/etc"], ["/etc/passwd"], ["/bin/sh", "a\0b"]])
def test_a_program_that_cannot_be_started_is_for_a_person(command: list[str]) -> None:
    ran = run(command, timeout=1)
    assert ran.status is None
    assert ran.hopeless
    assert ran.problem.startswith(f"{command[0]}: cannot be started: ")


def test_the_environment_gives_no_secret_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSNPARSE_TEST_SECRET", "secret")
    output = sh("env").output
    assert b"secret" not in output
    assert b"LC_ALL=C.UTF-8" in output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be others")
def test_a_program_may_be_run_as_another_user() -> None:
    ran = run(["/bin/sh", "-c", "id -u; id -g; id -G"], timeout=5, owner=(65534, 65533))
    assert ran.output.split() == [b"65534", b"65533", b"65533"]

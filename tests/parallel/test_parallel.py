from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dsnparse.parallel import WorkerError, each, read_all
from dsnparse.sources import Found, Unreadable
from tests.conftest import FIXTURES
from tests.e2e.command import dsnparse_command, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def mails(number: int, taken: list[int] | None = None) -> Iterator[Found | Unreadable]:
    """Yield so many mails, every hundredth of which cannot be read; `taken` tells how many were asked for."""
    for index in range(number):
        if taken is not None:
            taken.append(index)
        if index % 100 == 99:
            yield Unreadable(source=str(index), why="gone")
        else:
            yield Found(source=str(index), raw=b"%d" % index)


def no_children() -> bool:
    """Tell whether every process that this one started has ended, and was waited for."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@needs_fork
@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_answers_come_in_the_order_of_the_mails(jobs: int) -> None:
    def work(mail: Found) -> bytes:
        if mail.raw.endswith(b"50"):  # some take longer than all that come after them
            time.sleep(0.02)
        return mail.raw

    found = [(item.source, answer) for item, answer in each(mails(2500), work, jobs)]
    assert found == [(str(n), None if n % 100 == 99 else b"%d" % n) for n in range(2500)]
    assert no_children()


@needs_fork
def test_much_work_is_done_by_other_processes_and_little_by_this_one() -> None:
    def who(_mail: Found) -> int:
        return os.getpid()

    assert {answer for _, answer in each(mails(299), who, 4)} == {os.getpid(), None}
    assert len({answer for _, answer in each(mails(3000), who, 2)} - {None, os.getpid()}) == 2
    large = [Found(source=str(number), raw=bytes(1024 * 1024)) for number in range(20)]
    assert len({answer for _, answer in each(large, who, 2)}) == 3


def test_one_job_is_this_process() -> None:
    assert {answer for _, answer in each(mails(1000), lambda _: os.getpid(), 1)} == {os.getpid(), None}


@needs_fork
def test_reports_come_through_whole() -> None:
    raw = (FIXTURES / "postfix" / "user-unknown.eml").read_bytes()
    found = [Found(source="a", raw=raw)] * 500
    reports = [report for _, report in read_all(found, 2)]
    assert len(reports) == 500
    assert reports[0] is not reports[-1]
    assert all(report == reports[0] for report in reports)


@needs_fork
def test_no_more_mails_are_read_than_are_worked_on() -> None:
    taken: list[int] = []
    with closing(each(mails(100_000, taken), lambda mail: mail.raw, 2)) as answers:
        for _ in range(1000):
            next(answers)
        assert len(taken) < 2500
    assert no_children()


@needs_fork
@pytest.mark.parametrize("how", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(7)])
def test_a_mail_on_which_a_worker_ends_is_named(how: object) -> None:
    def work(mail: Found) -> bytes:
        if mail.raw == b"707":
            assert callable(how)
            how()
        return mail.raw

    answered: list[object] = []
    with pytest.raises(WorkerError, match=r"^707: the process that read this mail ended \((signal 9|exit code 7)\)$"):
        answered.extend(each(mails(5000), work, 2))
    assert no_children()


@needs_fork
def test_what_the_work_raises_is_raised() -> None:
    def work(mail: Found) -> float:
        return 1 / (int(mail.raw) - 600)

    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(each(mails(1000), work, 2))
    assert no_children()


def folder(tmp_path: Path, number: int) -> Path:
    """Make a folder of so many mails."""
    known = [path.read_bytes() for path in sorted(FIXTURES.rglob("*.eml"))[:150]]
    top = tmp_path / "mails"
    top.mkdir()
    for index in range(number):
        (top / f"{index:06}").write_bytes(known[index % len(known)])
    return top


@needs_fork
@pytest.mark.parametrize("form", [["--json"], ["--json", "--vocabulary", "sisimai"], ["--csv"], []])
def test_what_is_written_is_the_same_with_one_job_and_with_three(tmp_path: Path, form: list[str]) -> None:
    folder(tmp_path, 700)
    one = dsnparse_command(tmp_path, "parse", *form, "--jobs", "1", "mails")
    three = dsnparse_command(tmp_path, "parse", *form, "--jobs", "3", "mails")
    assert (one.returncode, three.returncode, three.stderr) == (0, 0, b"")
    assert one.stdout == three.stdout
    assert one.stdout.count(b"\n") >= 700


@needs_fork
def test_a_worker_that_is_killed_ends_the_command_with_the_mail_in_one_line(tmp_path: Path) -> None:
    folder(tmp_path, 600)
    (tmp_path / "mails" / "000500").write_bytes(b"Subject: kill me\n\n")
    code = """
import os, signal
import dsnparse.reading as r
plain = r.read
def read(raw, **more):
    if b"kill me" in raw:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(raw, **more)
r.read = read
"""
    done = dsnparse_command(tmp_path, "parse", "--json", "--jobs", "2", "mails", code=code)
    assert done.returncode == 3
    assert done.stderr == b"dsnparse: mails/000500: the process that read this mail ended (signal 9)\n"


@needs_fork
def test_an_interrupt_ends_all_processes_without_a_word(tmp_path: Path) -> None:
    folder(tmp_path, 2000)
    command = [sys.executable, "-m", "dsnparse", "parse", "--json", "--jobs", "3", *["mails"] * 40]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(1000):  # by now the workers are at work
            process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of them
        _, talk = process.communicate(timeout=30)
        assert (process.returncode, talk.strip()) == (130, b"")  # click ends the line of the ^C
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)

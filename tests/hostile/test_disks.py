"""A disk that is full or read-only, a ledger that is locked or damaged: a clear line, the exit code, no mail lost."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from tests.e2e.command import dsnparse_command
from tests.pipeline.mails import LETTER, bounce, maildir, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Again = Callable[[str], None]

RUN = ("run", "--live", "--quiet", "--no-settle", "--ledger", "disk/ledger", "--suppress", "dead.txt", "md")
WHO = {f"a{number}@example.org" for number in range(20)}


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Return a folder with a Maildir of bounces and a letter, and a folder `disk`."""
    (tmp_path / "disk").mkdir()
    maildir(tmp_path / "md", {address: bounce(address) for address in WHO} | {"letter": LETTER})
    return tmp_path


def mount(*args: str) -> None:
    done = subprocess.run(["mount", *args], capture_output=True, check=False, timeout=30)  # noqa: S607 - wherever it lies
    if done.returncode:
        pytest.skip(f"no file system of a limited size: {done.stderr.decode().strip()}")


@pytest.fixture
def disk(box: Path) -> Iterator[Again]:
    """Make `disk` a file system of 64 KiB; return a function that mounts it again with other options."""
    place = str(box / "disk")
    try:
        mount("-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", place)
    except FileNotFoundError:
        pytest.skip("no `mount` here")
    yield lambda options: mount("-o", f"remount,{options}", place)
    subprocess.run(["umount", place], check=True, timeout=30)  # noqa: S607 - wherever it lies


def fill(folder: Path) -> None:
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as stream:
        while stream.write(b"x" * 4096):
            pass


def all_is_there(box: Path) -> bool:
    """Tell whether each mail lies in new/ or in cur/ still."""
    both = [*names(box / "md" / "new"), *names(box / "md" / "cur")]
    return sorted(name.removesuffix(":2,") for name in both) == sorted({*WHO, "letter"})


def goes_on(box: Path) -> None:
    """See that a later run does all that is to be done."""
    assert all_is_there(box)
    done = dsnparse_command(box, *RUN)
    assert done.returncode in {0, 1}, done.stderr
    assert set((box / "dead.txt").read_text().split()) == WHO
    assert names(box / "md" / "new") == ["letter"]
    assert all_is_there(box)


def test_a_disk_that_is_full_before_the_ledger_is_made(box: Path, disk: Again) -> None:
    fill(box / "disk")
    done = dsnparse_command(box, *RUN)
    assert (done.returncode, done.stdout) == (75, b"")
    assert re.fullmatch(rb"dsnparse: disk/ledger: cannot be (written: the disk is full|.*No space.*)\n", done.stderr)
    assert not (box / "dead.txt").exists()
    assert names(box / "md" / "cur") == []
    (box / "disk" / "filler").unlink()
    disk("size=4m")
    goes_on(box)


@pytest.mark.parametrize("size", [120, 300])
def test_a_disk_that_fills_up_at_any_point_of_a_run(box: Path, disk: Again, size: int) -> None:
    disk(f"size={size}k")
    done = dsnparse_command(box, *RUN)
    if done.returncode == 75:
        assert re.fullmatch(rb"(dsnparse: disk/ledger: cannot be [^\n]*\n)+", done.stderr)
    else:
        assert done.returncode == 1, done.stderr  # there was room enough: the letter is new
    assert set(names(box / "md" / "cur")) <= {f"{address}:2," for address in WHO}
    disk("size=4m")
    goes_on(box)


def test_a_ledger_that_lives_on_a_full_disk_goes_on_when_there_is_room(box: Path, disk: Again) -> None:
    disk("size=400k")
    later = box / "later"
    maildir(later, {f"b{number}": bounce(f"b{number}@example.net") for number in range(20)})
    assert dsnparse_command(box, *RUN).returncode == 1
    fill(box / "disk")
    done = dsnparse_command(box, *RUN[:-1], "later")
    assert done.returncode == 75
    assert re.fullmatch(rb"(dsnparse: disk/ledger: cannot be [^\n]*\n)+", done.stderr)
    assert len(names(later / "new")) == 20
    (box / "disk" / "filler").unlink()
    disk("size=4m")
    assert dsnparse_command(box, *RUN[:-1], "later").returncode == 0
    assert (names(later / "new"), len(names(later / "cur"))) == ([], 20)


def test_a_read_only_disk_under_the_ledger(box: Path, disk: Again) -> None:
    disk("size=4m,ro")
    done = dsnparse_command(box, *RUN)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"dsnparse: disk/ledger: cannot be opened: Read-only file system\n"
    disk("size=4m,rw")
    assert dsnparse_command(box, *RUN).returncode == 1
    disk("ro")
    done = dsnparse_command(box, *RUN)
    assert (done.returncode, done.stderr) == (2, b"dsnparse: disk/ledger: cannot be opened: Read-only file system\n")
    dry = dsnparse_command(box, *(word for word in RUN if word != "--live"))
    assert (dry.returncode, dry.stderr) == (0, b"")  # looking needs no right to write
    disk("rw")
    goes_on(box)


def test_a_read_only_disk_under_the_maildir(box: Path, disk: Again) -> None:
    disk("size=4m")
    (box / "md").rename(box / "aside")
    subprocess.run(["cp", "-a", box / "aside", box / "disk" / "md"], check=True)  # noqa: S607 - wherever it lies
    disk("ro")
    args = ("run", "--live", "--quiet", "--no-settle", "--ledger", "ledger", "--suppress", "dead.txt", "disk/md")
    done = dsnparse_command(box, *args)
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 20
    assert all(line.endswith("cannot be moved to cur/: Read-only file system") for line in lines)
    assert set((box / "dead.txt").read_text().split()) == WHO
    disk("rw")
    assert dsnparse_command(box, *args).returncode == 0
    assert names(box / "disk" / "md" / "new") == ["letter"]


def test_a_full_and_a_read_only_disk_under_the_suppression_file(box: Path, disk: Again) -> None:
    args = ("run", "--live", "--quiet", "--no-settle", "--ledger", "ledger", "--suppress", "disk/dead.txt", "md")
    old = "".join(f"old{number}@example.org\n" for number in range(1000))
    (box / "disk" / "dead.txt").write_text(old)
    fill(box / "disk")
    done = dsnparse_command(box, *args)
    assert done.returncode == 75
    assert re.fullmatch(rb"dsnparse: .*/disk/dead.txt: No space left on device \(20 addresses\)\n", done.stderr)
    assert (box / "disk" / "dead.txt").read_text() == old
    assert names(box / "disk") == ["dead.txt", "filler"]
    disk("ro")
    done = dsnparse_command(box, *args)
    assert done.returncode == 2
    assert re.fullmatch(rb"dsnparse: .*/disk/dead.txt: Read-only file system \(20 addresses\)\n", done.stderr)
    disk("size=4m,rw")
    assert dsnparse_command(box, *args).returncode == 0
    assert set((box / "disk" / "dead.txt").read_text().split()) == WHO | set(old.split())


@pytest.mark.parametrize(
    ("options", "why"), [("size=4m,ro", b"Read-only file system"), ("", b"No space left on device")]
)
def test_a_disk_that_takes_no_mail_leaves_it_with_the_server(box: Path, disk: Again, options: str, why: bytes) -> None:
    args = ("ingest", "--spool", "disk/spool")
    assert dsnparse_command(box, *args, stdin=bounce("a@example.org")).returncode == 0
    if options:
        disk(options)
    else:
        fill(box / "disk")
    done = dsnparse_command(box, *args, stdin=bounce("b@example.org") * 100)
    assert done.returncode == 75
    assert re.fullmatch(rb"dsnparse: disk/spool[^:]*: " + why + rb"\n", done.stderr)
    disk("size=4m,rw")
    assert (len(names(box / "disk" / "spool" / "new")), names(box / "disk" / "spool" / "tmp")) == (1, [])
    assert dsnparse_command(box, *args, stdin=bounce("b@example.org") * 100).returncode == 0


def test_a_ledger_that_another_program_holds(box: Path) -> None:
    assert dsnparse_command(box, *RUN[:-1], "dead.txt").returncode in {0, 1, 2}
    dsnparse_command(box, "run", "--live", "--quiet", "--ledger", "disk/ledger", "-", stdin=b"")
    soon = "import dsnparse.ledger.opening as opening\nopening._WAIT = 0.1"
    with closing(sqlite3.connect(box / "disk" / "ledger", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = dsnparse_command(box, *RUN, code=soon)
        assert (done.returncode, done.stdout) == (75, b"")
        assert done.stderr == b"dsnparse: disk/ledger: is locked by another program\n"
        assert names(box / "md" / "cur") == []
    goes_on(box)


def test_a_damaged_ledger_moves_no_mail_and_is_left_as_it_is(box: Path) -> None:
    ledger = box / "disk" / "ledger"
    assert dsnparse_command(box, *RUN[:-1], "-", stdin=bounce("first@example.org")).returncode == 0
    whole = ledger.read_bytes()
    for damage in (whole[:200] + b"\xff" * (len(whole) - 200), whole[:5000], b"not SQLite " * 2000):
        ledger.write_bytes(damage)
        done = dsnparse_command(box, *RUN)
        assert (done.returncode, done.stdout) == (2, b""), done.stderr
        assert re.fullmatch(rb"dsnparse: disk/ledger: is (damaged: .*|no ledger of dsnparse)\n", done.stderr)
        assert ledger.read_bytes() == damage
        assert names(box / "md" / "cur") == []
        assert (box / "dead.txt").read_text() == "first@example.org\n"
    for name in names(box / "disk"):
        (box / "disk" / name).unlink()
    (box / "dead.txt").unlink()
    goes_on(box)

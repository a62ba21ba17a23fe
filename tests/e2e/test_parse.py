from __future__ import annotations

import csv
import io
import json
import os
import pty
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dsnparse
from tests.conftest import FIXTURES
from tests.e2e.command import dsnparse_command, environment
from tests.pipeline.mails import FULL, LETTER, bounce, maildir

if TYPE_CHECKING:
    from pathlib import Path


def rows(output: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.decode("ascii").splitlines()]


def test_version() -> None:
    done = dsnparse_command(FIXTURES, "--version")
    assert (done.returncode, done.stdout) == (0, f"dsnparse {dsnparse.__version__}\n".encode())


@pytest.mark.parametrize("command", [[], ["parse"], ["run"]])
def test_help_says_how_and_gives_examples(tmp_path: Path, command: list[str]) -> None:
    done = dsnparse_command(tmp_path, *command, "--help")
    assert done.returncode == 0
    assert done.stderr == b""
    text = done.stdout.decode()
    assert "dsnparse run" in text or "dsnparse parse" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_only_what_is_used_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LETTER)
    code = "import atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    heavy = {"click", "rich", "urllib3", "sqlite3", "csv"}
    version = set(dsnparse_command(tmp_path, "--version", code=code).stderr.decode().split())
    assert version & (heavy | {"dsnparse.cli.run", "dsnparse.cli.parse"}) == {"click"}
    parse = set(dsnparse_command(tmp_path, "parse", "--json", "a", code=code).stderr.decode().split())
    assert parse & heavy <= {"click", "csv"}


def test_json_of_a_maildir_a_folder_an_mbox_a_file_and_standard_input(tmp_path: Path) -> None:
    maildir(tmp_path / "md", {"1": bounce("alice@example.org")})
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "2.eml").write_bytes(LETTER)
    (tmp_path / "box.mbox").write_bytes(b"From x\n" + bounce("bob@example.org") + b"\nFrom x\n" + LETTER)
    (tmp_path / "3.eml").write_bytes(bounce("carol@example.org", FULL))
    paths = ("md", "folder/", "box.mbox", "3.eml", "-")
    done = dsnparse_command(tmp_path, "parse", "--json", *paths, stdin=bounce("dave@example.org"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert [(row["source"], row["index"], row["kind"]) for row in rows(done.stdout)] == [
        ("md/new/1", 0, "bounce"),
        ("folder/2.eml", 0, "other"),
        ("box.mbox", 0, "bounce"),
        ("box.mbox", 1, "other"),
        ("3.eml", 0, "bounce"),
        ("-", 0, "bounce"),
    ]


def test_every_file_may_be_an_mbox(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(b"From x\n" + LETTER + b"\nFrom x\n" + LETTER)
    assert len(rows(dsnparse_command(tmp_path, "parse", "--json", "--mbox", ".").stdout)) == 2
    assert len(rows(dsnparse_command(tmp_path, "parse", "--json", ".").stdout)) == 1


def test_headers_of_the_original_by_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bounce("alice@example.org"))
    done = dsnparse_command(tmp_path, "parse", "--json", "--headers", "Subject", "--headers", "X-None", "a")
    (row,) = rows(done.stdout)
    original = row["original"]
    assert isinstance(original, dict)
    assert original["headers"]["subject"] == ["News"]


def test_csv(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bounce("alice@example.org"))
    done = dsnparse_command(tmp_path, "parse", "--csv", "a")
    (row,) = csv.DictReader(io.StringIO(done.stdout.decode()))
    assert (row["address"], row["bounce_type"], row["source"]) == ("alice@example.org", "hard", "a")


def test_a_table_in_a_pipe_is_plain(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bounce("alice@example.org"))
    assert dsnparse_command(tmp_path, "parse", "a").stdout.decode().splitlines() == [
        "address            what    type  reason        status  file",
        "alice@example.org  failed  hard  user_unknown  5.1.1   a",
    ]


def on_a_terminal(folder: Path, *args: str) -> str:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "dsnparse", *args],
        cwd=folder,
        env={**environment(folder), "TERM": "xterm"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        text = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # how Linux says that the other side is closed
                break
            if not piece:
                break
            text += piece
    os.close(leader)
    assert process.returncode == 0
    return text.decode()


def test_a_table_on_a_terminal_has_colour_and_no_escapes_of_a_mail(tmp_path: Path) -> None:
    (tmp_path / "a\x1b]0;owned\x07").write_bytes(bounce("alice@example.org"))
    text = on_a_terminal(tmp_path, "parse", ".")
    assert "alice@example.org" in text
    assert "\x1b[1;31mhard" in text
    assert "\x1b]0" not in text
    assert "a\\x1b]0;owned\\x07" in text


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_a_closed_pipe_ends_it_quietly(tmp_path: Path, form: list[str]) -> None:
    (tmp_path / "mails").mkdir()
    for number in range(3000):
        (tmp_path / "mails" / str(number)).write_bytes(LETTER)
    line = shlex.join([sys.executable, "-m", "dsnparse", "parse", *form, "mails"])
    done = subprocess.run(
        ["/bin/bash", "-c", f"{line} | head -n 1; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)


def test_a_full_disk_under_the_output_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LETTER)
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "dsnparse", "parse", "--json", "a"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 75
    assert done.stderr == b"dsnparse: output: No space left on device\n"


@pytest.mark.parametrize("command", ["parse", "run"])
def test_a_path_that_does_not_exist_is_one_line_and_exit_2(tmp_path: Path, command: str) -> None:
    (tmp_path / "a").write_bytes(LETTER)
    done = dsnparse_command(tmp_path, command, "a", "nowhere")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"dsnparse: nowhere: No such file or directory\n")


@pytest.mark.parametrize("command", ["parse", "run"])
def test_what_is_no_mail_store_is_one_line_and_exit_2(tmp_path: Path, command: str) -> None:
    done = dsnparse_command(tmp_path, command, "/dev/null")
    assert (done.returncode, done.stderr) == (2, b"dsnparse: /dev/null: is no regular file\n")


@pytest.mark.parametrize(
    "args", [["parse"], ["parse", "--what", "a"], ["nothing"], ["run"], ["run", "--max", "-1", "a"]]
)
def test_bad_usage_is_exit_2(tmp_path: Path, args: list[str]) -> None:
    done = dsnparse_command(tmp_path, *args)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"Error: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_file_names_of_any_bytes(tmp_path: Path) -> None:
    for name in (b"a\nb", b"\xff\xfe", "ü".encode(), b'"q"', b"-x"):
        (tmp_path / os.fsdecode(name)).write_bytes(LETTER)
    done = dsnparse_command(tmp_path, "parse", "--json", ".")
    assert done.returncode == 0
    assert sorted(str(row["source"]) for row in rows(done.stdout)) == sorted(
        ["./a\nb", "./\\xff\\xfe", "./ü", './"q"', "./-x"]
    )
    assert len(dsnparse_command(tmp_path, "parse", ".").stdout.splitlines()) == 6
    assert len(list(csv.reader(io.StringIO(dsnparse_command(tmp_path, "parse", "--csv", ".").stdout.decode())))) == 6


def test_one_unreadable_mail_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(LETTER)
    code = """
import os
real = os.open
def refuse(path, *rest, **more):
    if str(path).endswith("/b"):
        raise PermissionError(13, "Permission denied", path)
    return real(path, *rest, **more)
os.open = refuse
"""
    done = dsnparse_command(tmp_path, "parse", "--json", ".", code=code)
    assert [row["source"] for row in rows(done.stdout)] == ["./a", "./c"]
    assert done.stderr.decode().splitlines() == [
        "dsnparse: ./b: cannot be read: Permission denied",
        "dsnparse: 1 mails or folders could not be read",
    ]
    assert done.returncode == 1


def test_a_mail_on_which_dsnparse_fails_is_named_and_the_exit_is_3(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(LETTER)
    code = """
import dsnparse.reading
real = dsnparse.reading.read
def read(raw, **rest):
    read.calls += 1
    if read.calls == 1:
        raise ZeroDivisionError("\\x1b[2Joops")
    return real(raw, **rest)
read.calls = 0
dsnparse.reading.read = read
"""
    done = dsnparse_command(tmp_path, "parse", "--json", ".", code=code)
    assert done.returncode == 3
    assert [row["source"] for row in rows(done.stdout)] == ["./a", "./b"]
    assert b"./a: a bug; please report it with this file" in done.stderr
    assert b"ZeroDivisionError: \\x1b[2Joops" in done.stderr


def test_an_unexpected_error_is_a_bug_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LETTER)
    code = "import dsnparse.cli.lines as r; r.report_line = None; import dsnparse.cli.parse as p; p.report_line = None"
    done = dsnparse_command(tmp_path, "parse", "--json", "a", code=code)
    assert done.returncode == 3
    assert b"this is a bug" in done.stderr


def test_an_interrupt_is_exit_130_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LETTER)
    code = """
import os, signal
import dsnparse.sources.files as f
f.read_file = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT)
"""
    done = dsnparse_command(tmp_path, "parse", "a", code=code)
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr

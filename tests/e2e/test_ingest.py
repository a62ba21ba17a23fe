"""`dsnparse ingest` and `dsnparse-ingest` as a mail server starts them: 0 when the mail is safe, else 75."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIXTURES
from tests.e2e.command import ROOT, dsnparse_command, environment
from tests.pipeline.mails import bounce, names

if TYPE_CHECKING:
    from pathlib import Path

MAIL = bounce("alice@example.org")
WRAPPER = FIXTURES.parent / "scripts" / "dsnparse-ingest"
SHELLS = ("sh", "dash", "bash")


def mails(spool: Path) -> list[bytes]:
    """Return what is safe in a spool."""
    return [path.read_bytes() for path in (spool / "new").iterdir()] if spool.exists() else []


def test_a_mail_that_was_taken_is_read_by_the_next_run(tmp_path: Path) -> None:
    done = dsnparse_command(tmp_path, "ingest", stdin=b"From x Mon Jan  5 09:00:00 2026\n" + MAIL)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    spool = tmp_path / "state" / "dsnparse" / "spool"
    assert mails(spool) == [MAIL]
    done = dsnparse_command(tmp_path, "run", "--live", "--no-settle", "--suppress", "dead.txt")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "dead.txt").read_text() == "alice@example.org\n"
    assert (names(spool / "new"), len(names(spool / "cur"))) == ([], 1)


def test_the_spool_of_the_settings_is_used_whatever_else_is_wrong_with_them(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[source]\nspool = "there"\n[polic]\nx = 1\n[[adapter]]\ntype = "none"\n')
    done = dsnparse_command(tmp_path, "ingest", "--config", "config.toml", stdin=MAIL)
    assert (done.returncode, mails(tmp_path / "there")) == (0, [MAIL])


def test_a_recipient_is_one_line_whatever_it_is(tmp_path: Path) -> None:
    for recipient in (
        "b+1@example.org",
        b"b\nDelivered-To: x@example.org",
        b"\xff\x1b@example.org",
        "",
        "jörg@example.org",
    ):
        args = ("ingest", "--spool", "spool", "--recipient", recipient)
        assert dsnparse_command(tmp_path, *args, stdin=MAIL).returncode == 0
    lines = {mail.partition(b"\n")[0] for mail in mails(tmp_path / "spool")}
    assert lines == {
        b"Delivered-To: b+1@example.org",
        b"Delivered-To: b\\nDelivered-To: x@example.org",
        b"Delivered-To: \\udcff\\x1b@example.org",
        b"Delivered-To: ",
        "Delivered-To: jörg@example.org".encode(),
    }
    assert {mail.partition(b"\n")[2] for mail in mails(tmp_path / "spool")} == {MAIL}


# What goes wrong before the command begins, in its own process.
RAISES = """
import dsnparse.sources.spool as spool
def copy(*args):
    raise {error}
spool._copy = copy
"""


@pytest.mark.parametrize(
    "error",
    [
        *('OSError(28, "No space left on device")', 'OSError(30, "Read-only file system")', "OSError()"),
        *("KeyboardInterrupt", "MemoryError", "SystemExit(0)", "SystemExit", "GeneratorExit", "RecursionError"),
        *(
            'RuntimeError("\\x1b[2J")',
            "BaseException",
            "UnicodeDecodeError('utf-8', b'', 0, 1, '')",
            "BrokenPipeError(32, 'x')",
        ),
        *(
            "__import__('click').exceptions.Exit(0)",
            "__import__('click').Abort()",
            "__import__('click').UsageError('x')",
        ),
    ],
)
def test_whatever_is_raised_the_server_is_told_to_try_again_and_nothing_is_left(tmp_path: Path, error: str) -> None:
    done = dsnparse_command(tmp_path, "ingest", "--spool", "s", stdin=MAIL, code=RAISES.format(error=error))
    assert (done.returncode, done.stdout) == (75, b"")
    assert b"\x1b" not in done.stderr
    assert [path for path in (tmp_path / "s").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("ingest", "--nothing"), b"No such option"),
        (("ingest", "--spool"), b"requires an argument"),
        (("ingest", "one", "two"), b"unexpected extra argument"),
        (("--nothing", "ingest"), b"No such option"),
        (("ingest", "--spool", ""), b"dsnparse: : No such file or directory"),
        (("ingest", "--spool", "file"), b"dsnparse: file/cur: Not a directory"),
        (("ingest", "--spool", "x" * 300), b"File name too long"),
        (("ingest", "--config", "none.toml"), b"dsnparse: none.toml: cannot be read: No such file or directory"),
        (("ingest", "--config", "bad.toml"), b"dsnparse: bad.toml: Expected"),
        (("ingest", "--config", "number.toml"), b"dsnparse: number.toml: source.spool: must be a string in quotes"),
        (("ingest", "--config", "."), b"dsnparse: .: cannot be read: Is a directory"),
    ],
)
def test_a_mail_that_cannot_be_taken_stays_with_the_server_which_is_told_why(
    tmp_path: Path, args: tuple[str, ...], said: bytes
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "bad.toml").write_text("[source\n")
    (tmp_path / "number.toml").write_text("[source]\nspool = 5\n")
    done = dsnparse_command(tmp_path, *args, stdin=MAIL)
    assert (done.returncode, done.stdout) == (75, b"")
    assert said in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    "args", [["ingest", "--help"], ["ingest", "-h"], ["--version", "ingest"], ["--help", "ingest"]]
)
def test_help_is_no_delivery(tmp_path: Path, args: list[str]) -> None:
    done = dsnparse_command(tmp_path, *args, stdin=MAIL)
    assert done.returncode == 75
    assert done.stdout


def test_no_mail_and_no_standard_input_are_no_delivery(tmp_path: Path) -> None:
    done = dsnparse_command(tmp_path, "ingest")
    assert (done.returncode, done.stderr) == (75, b"dsnparse: no mail came on standard input\n")
    line = f"exec {sys.executable} -m dsnparse ingest <&-"
    closed = subprocess.run(["/bin/sh", "-c", line], env=environment(tmp_path), capture_output=True, check=False)
    assert (closed.returncode, closed.stderr) == (75, b"dsnparse: standard input is closed\n")


@pytest.mark.parametrize(
    "streams",
    [
        *("2>/dev/full", ">/dev/full 2>&1", ">&- 2>&-", "2>&-", ">&-"),
        "2>&1 | true",  # nobody reads
    ],
)
@pytest.mark.parametrize("args", ["--nothing", "--help"])
def test_streams_that_take_nothing_change_nothing(tmp_path: Path, streams: str, args: str) -> None:
    if "/dev/full" in streams and not os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        pytest.skip("no /dev/full here")
    line = f"({sys.executable} -m dsnparse ingest {args}; echo $? >code) {streams}"
    inner = line.replace("; echo", " <mail; echo")
    (tmp_path / "mail").write_bytes(MAIL)
    subprocess.run(["/bin/sh", "-c", inner], env=environment(tmp_path), cwd=tmp_path, capture_output=True, check=False)
    assert (tmp_path / "code").read_text() == "75\n"


def test_ctrl_c_in_the_middle_of_a_mail_is_no_delivery(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dsnparse", "ingest", "--spool", "s"]
    with subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(MAIL)
        process.stdin.flush()
        end = time.monotonic() + 60
        while not (tmp_path / "s" / "tmp").exists() or not names(tmp_path / "s" / "tmp"):
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 75
    assert (names(tmp_path / "s" / "new"), names(tmp_path / "s" / "tmp")) == ([], [])


def test_little_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[source]\nspool = "s"\n')
    code = """
import atexit
def tell():
    heavy = "sqlite3 rich urllib3 socket ssl email dsnparse.config dsnparse.adapters dsnparse.reading dsnparse.formats"
    print(sorted(set(heavy.split()) & set(sys.modules)))
atexit.register(tell)
"""
    done = dsnparse_command(tmp_path, "ingest", "--config", "config.toml", stdin=MAIL, code=code)
    assert (done.returncode, done.stdout) == (0, b"[]\n")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder with odd letters in its name, and the wrapper and a `dsnparse` in it."""
    folder = tmp_path / "a b'\"$(false);*" / "bin"
    folder.mkdir(parents=True)
    (folder / "dsnparse-ingest").write_bytes(WRAPPER.read_bytes())
    (folder / "dsnparse-ingest").chmod(0o755)
    return folder


def wrapped(folder: Path, text: str | None, *args: str, shell: str | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the wrapper beside a program of this text."""
    if text is not None:
        (folder / "dsnparse").write_text(text)
        (folder / "dsnparse").chmod(0o755)
    command = [str(folder / "dsnparse-ingest"), *args]
    start = command if shell is None else [shell, *command]
    try:
        return subprocess.run(start, input=MAIL, capture_output=True, check=False, timeout=60, cwd="/")
    except FileNotFoundError:
        pytest.skip(f"no {shell} here")


def test_the_wrapper_is_executable_and_valid() -> None:
    assert WRAPPER.stat().st_mode & 0o111 == 0o111
    for shell in SHELLS:
        try:
            subprocess.run([shell, "-n", WRAPPER], check=True)
        except FileNotFoundError:
            assert shell != "sh"


def test_the_wrapper_is_shipped() -> None:
    build = tomllib.loads((FIXTURES.parent / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]
    assert build["wheel"]["shared-scripts"] == {"scripts/dsnparse-ingest": "dsnparse-ingest"}
    assert "/scripts" in build["sdist"]["include"]


@pytest.mark.parametrize("shell", [None, *SHELLS])
def test_the_wrapper_passes_arguments_and_the_mail_on_as_they_are(program: Path, shell: str | None) -> None:
    text = """#!/bin/sh
cd "${0%/*}"
for one in "$@"; do printf '<%s>' "$one"; done >args
cat >mail
"""
    done = wrapped(program, text, "--recipient", "a b*'\"$(false)\n@x", "", shell=shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (program / "args").read_text() == "<ingest><--recipient><a b*'\"$(false)\n@x><>"
    assert (program / "mail").read_bytes() == MAIL


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "text",
    [
        *(f"#!/bin/sh\nexit {code}\n" for code in (1, 2, 3, 64, 67, 75, 77, 120, 126, 127, 255)),
        *(f"#!/bin/sh\nkill -{name} $$\n" for name in ("KILL", "TERM", "SEGV", "INT", "PIPE")),
        "#!/none/there/python\n",
        "\x7fELF no program",
        "#!/bin/sh\nif\n",
        None,  # there is none
    ],
)
def test_the_wrapper_ends_with_75_whatever_the_program_ends_with(program: Path, text: str | None, shell: str) -> None:
    assert wrapped(program, text, shell=shell).returncode == 75


def test_a_program_that_may_not_be_run(program: Path) -> None:
    (program / "dsnparse").write_text("#!/bin/sh\nexit 0\n")
    (program / "dsnparse").chmod(0o644)
    assert wrapped(program, None).returncode == 75


def test_the_wrapper_finds_the_program_when_it_is_called_by_a_link(program: Path, tmp_path: Path) -> None:
    text = "#!/bin/sh\ncat >/dev/null\n"
    assert wrapped(program, text).returncode == 0
    (tmp_path / "dsnparse-ingest").symlink_to(program / "dsnparse-ingest")
    assert wrapped(tmp_path, None).returncode == 0
    named = subprocess.run(["/bin/sh", "dsnparse-ingest"], cwd=program, input=MAIL, check=False)
    assert named.returncode == 0


@pytest.mark.parametrize("name", ["HUP", "INT", "TERM", "PIPE"])
def test_a_wrapper_that_is_told_to_end_ends_with_75(program: Path, name: str) -> None:
    assert wrapped(program, f"#!/bin/sh\nkill -{name} $PPID\nexit 0\n").returncode == 75


def test_the_wrapper_runs_the_command_itself(program: Path, tmp_path: Path) -> None:
    text = f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' -m dsnparse \"$@\"\n"
    assert wrapped(program, text, "--spool", str(tmp_path / "s")).returncode == 0
    assert mails(tmp_path / "s") == [MAIL]
    assert wrapped(program, text, "--spool", "/dev/null/s").returncode == 75


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user who may have no process")
@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_where_no_process_can_be_made_the_wrapper_ends_with_75(program: Path, shell: str) -> None:
    resource = pytest.importorskip("resource")

    def nobody() -> None:
        os.setgid(65_534)
        os.setuid(65_534)
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))

    (program / "dsnparse").write_text("#!/bin/sh\nexit 0\n")
    (program / "dsnparse").chmod(0o755)
    text = (program / "dsnparse-ingest").read_text()  # pytest's folders are root's: the shell gets the text itself
    done = subprocess.run(
        [shell, "-c", text, "/bin/sh"], preexec_fn=nobody, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 75, done.stderr

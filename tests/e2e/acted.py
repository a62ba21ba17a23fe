"""A folder in which something was done and something is held, for the tests of the commands on the ledger."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from dsnparse.cli.group import start
from tests.pipeline.mails import bounce, maildir

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "550 5.1.1 User unknown \x1b]0;owned\x07\x1b[2J =HYPERLINK(1)"
RUN = ("run", "--live", "--no-settle", "--config", "config.toml", "md")
CONFIG = """
[ledger]
path = "ledger"

[protect]
addresses = ["owner@example.org"]

[guard]
number = 2

[[list]]
name = "news"
list_ids = ["news.example.org"]

[[list]]
name = "jobs"

[[adapter]]
type = "suppression"
path = "dead.txt"
lists = ["news"]
"""


def news(address: str, said: tuple[str, str] = ("5.1.1", "550 5.1.1 User unknown"), **more: Any) -> bytes:  # noqa: ANN401
    """Return a report on a mail of the list."""
    return bounce(address, said, **more).replace(b"Subject: News", b"Subject: News\nList-Id: <news.example.org>")


def acted(folder: Path) -> Path:
    """Run once: two addresses of the list are disabled, one is beyond the cap, one is protected."""
    maildir(
        folder / "md",
        {
            "1": news("alice@example.org", ("5.1.1", HOSTILE)),
            "2": news("bob@example.net"),
            "3": news("carol@example.com"),
            "4": news("owner@example.org"),
        },
    )
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    done = inside(folder, *RUN)
    assert (done.returncode, done.stderr) == (1, b"")
    assert dead(folder) == ["alice@example.org", "bob@example.net"]
    return folder


def inside(folder: Path, *args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command in this process: nearly a second less than in one of its own, in some hundred calls."""
    logger = logging.getLogger("dsnparse")
    handlers, propagate, real = logger.handlers[:], logger.propagate, sys.stdin
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    try:
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8", errors="surrogateescape")
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = start(args)
    finally:
        sys.stdin = real
        logger.handlers[:], logger.propagate = handlers, propagate
    written = []
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        written.append(stream.buffer.read())
    return subprocess.CompletedProcess(args, code, *written)


def dead(folder: Path) -> list[str]:
    """Return the suppression file's lines."""
    return (folder / "dead.txt").read_text().splitlines()


def command(folder: Path, *args: str, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run a command with the configuration; nothing that it says may drive a terminal."""
    done = inside(folder, *args, "--config", "config.toml", stdin=stdin)
    assert not {*done.stdout, *done.stderr} & {*range(32)} - {10}
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows(folder: Path, *args: str) -> list[dict[str, Any]]:
    """Run a command that writes JSON lines."""
    code, out, err = command(folder, *args)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]

"""A mail through Postfix's pipe(8): delivered, or kept in the queue until what is broken was mended."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import smtplib
import subprocess
import venv
from dataclasses import dataclass
from importlib.metadata import distribution
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FIXTURES
from tests.e2e.mailman.chain import folder
from tests.e2e.mailman.postfix import postfix, wanted
from tests.e2e.mailman.server import until
from tests.pipeline.mails import bounce, names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e

TO = "bounces+abc@lists.example.org"
MAIL = bounce("alice@example.net")
PAGE = (FIXTURES.parent / "docs" / "ingest.md").read_text("utf-8")
SETTINGS = """\
maximal_queue_lifetime = 1d
bounce_queue_lifetime = 1d
delay_warning_time = 0
"""
ENTRY = """\
#!{python}
import sys
from dsnparse.cli import main
sys.exit(main())
"""


@dataclass(frozen=True)
class Server:
    """What stands: Postfix, an installed dsnparse, and its spool."""

    folder: Path
    port: int

    @property
    def bin(self) -> Path:
        """Where the programs lie."""
        return self.folder / "venv" / "bin"

    @property
    def settings(self) -> Path:
        """The settings of dsnparse."""
        return self.folder / "config.toml"

    @property
    def spool(self) -> Path:
        """Where mail is to come to."""
        return self.folder / "state" / "spool"

    @property
    def taken(self) -> list[bytes]:
        """The mails in the spool."""
        new = self.spool / "new"
        return [path.read_bytes() for path in new.iterdir()] if new.is_dir() else []

    @property
    def queued(self) -> str:
        """Postfix's queue with the reasons, as `postqueue -p` prints it."""
        return self._run("postqueue", "-c", self.folder / "config", "-p")

    @property
    def log(self) -> str:
        """Postfix's log."""
        return (self.folder / "postfix.log").read_text("utf-8", "replace")

    def send(self, sender: str = "") -> None:
        """Bring a mail, a bounce by default, as another server would."""
        with smtplib.SMTP("127.0.0.1", self.port) as session:
            session.sendmail(sender, [TO], MAIL.replace(b"\n", b"\r\n"))

    def flush(self) -> None:
        """Let Postfix try again at once."""
        self._run("postqueue", "-c", self.folder / "config", "-f")

    @staticmethod
    def _run(program: str, *args: str | Path) -> str:
        done = subprocess.run([f"/usr/sbin/{program}", *args], capture_output=True, check=True, timeout=30)
        return done.stdout.decode()


def install(place: Path) -> None:
    """Install dsnparse as pip would, with click alone: `ingest` needs no more."""
    venv.create(place, with_pip=False)
    (library,) = place.glob("lib/python*/site-packages")
    shutil.copytree(FIXTURES.parent / "dsnparse", library / "dsnparse", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(str(distribution("click").locate_file("click")), library / "click")
    (place / "bin" / "dsnparse").write_text(ENTRY.format(python=place / "bin" / "python"))
    shutil.copy(FIXTURES.parent / "scripts" / "dsnparse-ingest", place / "bin")
    for name in ("dsnparse", "dsnparse-ingest"):
        (place / "bin" / name).chmod(0o755)


def recipe(server: Server) -> tuple[str, str]:
    """Return what stands in main.cf and master.cf by the page's own lines."""
    service = re.search(r"^    (dsnparse +unix .*)\n    (  flags=.*)$", PAGE, re.MULTILINE)
    limit = re.search(r"^    (dsnparse_destination_recipient_limit = .*)$", PAGE, re.MULTILINE)
    assert service
    assert limit
    command = f"argv={server.bin / 'dsnparse-ingest'} --config {server.settings}"
    options = (
        service[2].replace("user=dsnparse ", "user=nobody ").replace("argv=/opt/dsnparse/bin/dsnparse-ingest", command)
    )
    assert command in options
    return f"{SETTINGS}{limit[1]}\n", f"showq unix n - n - - showq\n{service[1]}\n{options}\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run Postfix with a pipe to dsnparse; nothing of the machine's own mail is touched."""
    wanted()
    if os.geteuid() != 0:
        pytest.skip("Postfix is started as root here")
    with contextlib.ExitStack() as stack:
        work = stack.enter_context(folder())
        install(work / "venv")
        made = Server(work, 0)
        (work / "state").mkdir(mode=0o700)
        shutil.chown(work / "state", "nobody")
        write_settings(made)
        settings, service = recipe(made)
        port = stack.enter_context(
            postfix(work, {"lists.example.org": "dsnparse:"}, settings=settings, services=service)
        )
        yield Server(work, port)


def write_settings(server: Server) -> None:
    server.settings.write_text(f'[source]\nspool = "{server.spool}"\n')
    server.settings.chmod(0o644)


@pytest.fixture(autouse=True)
def empty(server: Server) -> Iterator[None]:
    """Let every test begin, and end, with an empty queue."""
    shutil.rmtree(server.spool, ignore_errors=True)
    yield
    command = ["/usr/sbin/postsuper", "-c", str(server.folder / "config"), "-d", "ALL"]
    subprocess.run(command, capture_output=True, check=True, timeout=30)


def is_kept(server: Server, why: str) -> None:
    """Send a mail that cannot be taken now, and see that it stays with its reason and nobody is told that it failed."""
    before = len(server.log)
    server.send()
    server.send("news@example.org")  # to this one Postfix would return the mail
    until(lambda: server.log[before:].count("status=deferred") >= 2, f"{why}: {server.log}", 30)
    assert why in server.queued
    log = server.log[before:]
    assert "status=bounced" not in log
    assert "status=sent" not in log
    assert "non-delivery notification" not in log
    assert server.taken == []


def comes_after_all(server: Server) -> None:
    server.flush()
    until(lambda: len(server.taken) == 2, f"mail in the spool: {server.log}", 30)
    until(lambda: "Mail queue is empty" in server.queued, "an empty queue", 30)


def test_a_mail_is_delivered_for_the_user_only_with_the_envelope_on_top(server: Server) -> None:
    server.send()
    until(lambda: server.taken, f"mail in the spool: {server.log}", 30)
    until(lambda: "Mail queue is empty" in server.queued, "an empty queue", 30)
    (mail,) = server.taken
    lines = mail.split(b"\n")
    assert lines[:2] == [b"Return-Path: <>", f"Delivered-To: {TO}".encode()]
    assert lines[2].startswith(b"Received: ")
    assert mail.endswith(MAIL.partition(b"\n\n")[2])
    owner = pwd.getpwnam("nobody").pw_uid
    for path in (server.spool, *server.spool.rglob("*")):
        assert path.stat().st_uid == owner
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_a_broken_configuration_keeps_the_mail_in_the_queue(server: Server) -> None:
    server.settings.write_text("[source\n")
    try:
        is_kept(server, "Expected ']'")
    finally:
        write_settings(server)
    comes_after_all(server)


def test_settings_that_the_user_may_not_read_keep_the_mail_in_the_queue(server: Server) -> None:
    server.settings.chmod(0o600)
    try:
        is_kept(server, "Permission denied")
    finally:
        server.settings.chmod(0o644)
    comes_after_all(server)


@pytest.mark.parametrize("broken", ["fails", "missing", "no dsnparse", "killed"])
def test_a_broken_python_keeps_the_mail_in_the_queue(server: Server, broken: str) -> None:
    target = server.bin / ("dsnparse" if broken == "no dsnparse" else "python")
    kept = target.with_name("kept")
    target.rename(kept)
    if broken in {"fails", "killed"}:
        target.write_text(f"#!/bin/sh\n{'exit 1' if broken == 'fails' else 'kill -SEGV $$'}\n")
        target.chmod(0o755)
    try:
        is_kept(server, "temporary failure")
    finally:
        kept.replace(target)
    comes_after_all(server)


def test_a_spool_on_a_full_disk_keeps_the_mail_in_the_queue(server: Server) -> None:
    server.spool.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700,uid=nobody", "tmpfs", str(server.spool)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    if done.returncode:
        pytest.skip(f"no file system of a limited size: {done.stderr.decode().strip()}")
    try:
        for name in ("", "cur", "new", "tmp"):
            (server.spool / name).mkdir(exist_ok=True)
            shutil.chown(server.spool / name, "nobody")
        filler = server.spool / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
            while stream.write(b"x" * 4096):
                pass
        is_kept(server, "No space left on device")
        assert names(server.spool / "tmp") == []
        filler.unlink()
        comes_after_all(server)
    finally:
        subprocess.run(["umount", server.spool], check=True, timeout=30)  # noqa: S607 - wherever it lies

from __future__ import annotations

import json
import socket
import sys
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters.site import Site
from dsnparse.adapters.webhook import signature
from dsnparse.notices import Way, Webhook, check, send
from dsnparse.notices import sending as sending_module
from tests.adapters.stand_ins.server import GARBAGE, Request, Response, Server
from tests.notices.examples import FULL, OWNER, decision, notice, settings
from tests.notices.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsnparse.notices import NotifySettings

SECRET = "a long secret of the owner's"  # noqa: S105 - of the test
SENDMAIL = """#!{python}
import json, os, sys
with open({record!r}, "w") as stream:
    json.dump({{"argv": sys.argv[1:], "stdin": sys.stdin.buffer.read().decode(), "names": sorted(os.environ)}}, stream)
sys.stderr.write({stderr!r})
sys.exit({code})
"""


def sendmail(folder: Path, code: int = 0, stderr: str = "") -> Way:
    """Write a program that records what it is given."""
    path = folder / "sendmail"
    path.write_text(SENDMAIL.format(python=sys.executable, record=str(folder / "record"), code=code, stderr=stderr))
    path.chmod(0o700)
    return Way(sendmail=str(path))


def smtp(port: int) -> Way:
    return Way(sendmail=None, host="127.0.0.1", port=port)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_sendmail_gets_an_empty_sender_the_recipients_as_words_and_the_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSNPARSE_SECRET", SECRET)
    evil = notice(held=[decision("x\r\n.\r\n-oQ/tmp;$(id)@example.net")])
    assert send(evil, settings(mail_to=(OWNER, "b@example.org"), way=sendmail(tmp_path))) == []
    record = json.loads((tmp_path / "record").read_text())
    assert record["argv"] == ["-i", "-f", "<>", "--", OWNER, "b@example.org"]
    assert "\r" not in record["stdin"]
    assert message_from_bytes(record["stdin"].encode())["Subject"] == "dsnparse: 1 done, 1 held"
    assert "DSNPARSE_SECRET" not in record["names"]


@pytest.mark.parametrize(
    ("code", "stderr", "problem"),
    [
        (75, "queue full\x1b[2J\n", "exit code 75: queue full\\x1b[2J"),
        (1, "", "exit code 1"),
        (1, "y" * 5_000, "exit code 1: " + "y" * 300 + "..."),
    ],
)
def test_what_a_program_says_is_a_warning_and_one_line(
    code: int, stderr: str, problem: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    way = sendmail(tmp_path, code, stderr)
    problems = send(FULL, settings(way=way))
    assert problems == [f"the notice was not mailed: {way.sendmail}: {problem}"]
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("WARNING", problems[0])]


def test_a_program_that_is_missing_or_never_ends_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (missing,) = send(FULL, settings(way=Way(sendmail=str(tmp_path / "none"))))
    assert missing.endswith("none: No such file or directory")
    (tmp_path / "slow").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "slow").chmod(0o700)
    monkeypatch.setattr(sending_module, "_WAIT", 0.2)
    (slow,) = send(FULL, settings(way=Way(sendmail=str(tmp_path / "slow"))))
    assert "timed out after 0.2 seconds" in slow


def test_by_smtp_the_envelope_sender_is_empty() -> None:
    with Sink() as sink:
        assert send(FULL, settings(way=smtp(sink.port))) == []
    (mail,) = sink.mails
    assert (mail.sender, mail.recipients) == ("<>", [OWNER])
    assert sink.commands[0] == "ehlo lists.example.org"
    read = message_from_bytes(mail.raw)
    assert (read["To"], read["Auto-Submitted"]) == (OWNER, "auto-generated")
    assert mail.raw.isascii()


def test_a_recipient_that_the_server_refuses_is_named_and_the_others_get_the_mail() -> None:
    with Sink(refused=("gone@example.org",)) as sink:
        told = settings(mail_to=("gone@example.org", OWNER), way=smtp(sink.port))
        problems = send(FULL, told)
        only = send(FULL, settings(mail_to=("gone@example.org",), way=smtp(sink.port)))
    reply = "550 5.1.1 no\\x1b[31msuch user"
    assert problems == [f"the notice was not mailed to gone@example.org: 127.0.0.1 port {sink.port}: {reply}"]
    assert only == [f"the notice was not mailed: 127.0.0.1 port {sink.port}: gone@example.org: {reply}"]
    assert [mail.recipients for mail in sink.mails] == [[OWNER]]


@pytest.mark.parametrize("banner", ["554 go away", "hello", "220 \x1b[31m"])
def test_a_server_that_does_not_want_us_or_is_none_is_a_line(banner: str) -> None:
    with Sink(banner=banner) as sink:
        problems = send(FULL, settings(way=smtp(sink.port)))
    assert len(problems) == (0 if banner.startswith("220") else 1)
    assert all(problem.isprintable() for problem in problems)


def test_a_server_that_is_away_or_silent_stops_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    (away,) = send(FULL, settings(way=smtp(free_port())))
    assert away.endswith("Connection refused")
    monkeypatch.setattr(sending_module, "_WAIT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (waited,) = send(FULL, settings(way=smtp(silent.getsockname()[1])))
    assert waited.endswith("timed out")


def test_without_the_tls_that_the_owner_wants_nothing_is_sent() -> None:
    with Sink() as sink:
        way = Way(sendmail=None, host="127.0.0.1", port=sink.port, tls="starttls")
        (problem,) = send(FULL, settings(way=way))
    assert "STARTTLS" in problem
    assert sink.mails == []


@pytest.fixture
def receiver() -> Iterator[tuple[list[Request], Server]]:
    """Return a web server that takes what it gets."""
    requests: list[Request] = []

    def respond(request: Request) -> Response:
        requests.append(request)
        return Response(302 if request.path == "/moved" else 204)

    with Server(respond, GARBAGE) as server:
        yield requests, server


def hook(url: str) -> NotifySettings:
    return settings(mail_to=(), mail_from="", webhook=Webhook(site=Site(url=url, timeout=2), secret=SECRET))


def test_a_webhook_gets_the_notice_signed(receiver: tuple[list[Request], Server]) -> None:
    requests, server = receiver
    assert send(FULL, hook(f"{server.url}/notices")) == []
    (request,) = requests
    document = json.loads(request.body)
    assert (document["event"], document["totals"]["done"]) == ("notice", 2)
    assert request.headers["Idempotency-Key"] == document["id"]
    time = int(request.headers["Dsnparse-Signature"].partition(",")[0].removeprefix("t="))
    assert request.headers["Dsnparse-Signature"] == signature(SECRET, time, request.body)


def test_a_webhook_that_fails_is_a_line_without_any_secret(receiver: tuple[list[Request], Server]) -> None:
    _, server = receiver
    (moved,) = send(FULL, hook(f"{server.url}/moved"))
    assert moved.startswith("the notice was not posted: 127.0.0.1:")
    assert " 302 " in moved
    (away,) = send(FULL, hook(f"http://127.0.0.1:{free_port()}/x"))
    assert away.endswith("nobody takes the connection")
    assert SECRET not in moved + away + repr(hook(server.url))


def test_nobody_is_told_of_a_dry_run_or_of_nothing_unless_always_is_set(tmp_path: Path) -> None:
    way, record = sendmail(tmp_path), tmp_path / "record"
    idle = notice(done=[], counts={"mails read": 3})
    assert send(idle, settings(way=way)) == []
    assert send(notice(live=False), settings(way=way, always=True)) == []
    assert send(FULL, settings(mail_to=(), way=way)) == []
    assert not record.exists()
    assert send(idle, settings(way=way, always=True)) == []
    assert record.exists()


def test_a_check_sends_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    way = sendmail(tmp_path)
    assert check(settings(way=way)) == []
    assert not (tmp_path / "record").exists()
    assert check(settings(mail_to=())) == []
    (missing,) = check(settings(way=Way(sendmail=str(tmp_path / "none"))))
    assert missing.endswith("none: is no program that can be started")
    with Sink() as sink:
        assert check(settings(way=smtp(sink.port))) == []
    assert sink.mails == []
    (away,) = check(settings(way=smtp(free_port())))
    assert away.endswith("Connection refused")

"""docs/return-path.md says what is so."""

from __future__ import annotations

import re
import smtplib
import textwrap
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from dsnparse.config import load
from dsnparse.trust import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = (Path(__file__).parent.parent.parent / "docs" / "return-path.md").read_text("utf-8")
SECRET = "0123456789abcdef-never-to-be-seen"  # noqa: S105 - of these tests


def block(begin: str) -> str:
    """Return the indented block whose first line is this one."""
    lines = PAGE.splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip() == begin)
    indent = re.match(" +", lines[first])
    assert indent is not None
    found = []
    for line in lines[first:]:
        if line and not line.startswith(indent[0]):
            break
        found.append(line)
    return textwrap.dedent("\n".join(found))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "return-path.secret").write_text(SECRET, "utf-8")
    (tmp_path / "config.toml").write_text(block("[trust]"), "utf-8")
    return tmp_path / "config.toml"


def test_the_settings_are_taken(config: Path) -> None:
    trust = load(str(config)).trust
    assert trust.return_paths == ("{list}-bounces+{token}@lists.example.org",)
    assert trust.own_hosts == ("mx.example.org",)


def test_the_python_sends_each_mail_with_a_return_path_of_its_own(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelopes = []

    class Server:
        def __init__(self, host: str) -> None:
            assert host == "localhost"

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def send_message(self, _message: EmailMessage, from_addr: str, to_addrs: Sequence[str]) -> None:
            envelopes.append((from_addr, *to_addrs))

    monkeypatch.setattr(smtplib, "SMTP", Server)
    code = block("import smtplib").replace("/etc/dsnparse/config.toml", str(config))
    people = ["alice@example.org", "bob@example.net"]
    exec(code, {"subscribers": people, "message": EmailMessage()})  # noqa: S102 - our own page
    trust = load(str(config)).trust
    assert [to for _, to in envelopes] == people
    tokens = [verify(sender, trust, datetime.now(UTC)) for sender, _ in envelopes]
    assert all(token is not None and token.list == "news" for token in tokens)
    assert len({sender for sender, _ in envelopes}) == 2


def test_the_python_without_a_file_gives_the_same_settings(config: Path) -> None:
    names: dict[str, object] = {"secret": SECRET.encode()}
    exec(block("from dsnparse.trust import Key, Keys, TrustSettings"), names)  # noqa: S102 - our own page
    trust = load(str(config)).trust
    made = names["trust"]
    assert (getattr(made, "return_paths", None), getattr(made, "keys", None)) == (trust.return_paths, trust.keys)


@pytest.mark.parametrize("begin", ["/^[a-z0-9._+-]+-bounces\\+[a-z2-7]+@lists\\.example\\.org$/  bounces/Maildir/"])
def test_the_servers_patterns_take_our_return_paths(config: Path, begin: str) -> None:
    from dsnparse.trust import return_path  # noqa: PLC0415 - beside its only use

    made = return_path("a@example.org", list="a.b-c+d", settings=load(str(config)).trust, now=datetime.now(UTC))
    postfix = begin.partition("  ")[0].strip("/")
    exim = block("# routers").partition("\\N")[2].partition("\\N")[0]
    assert begin in PAGE
    assert re.search(postfix, made)
    assert re.search(exim, made.partition("@")[0])
    assert not re.search(postfix, "news-bounces@lists.example.org")
    assert not re.search(exim, "news-bounces")

"""No secret in a log, an exception, what is printed, the ledger or a repr, whether the systems work or not."""

from __future__ import annotations

import re
import tomllib
import traceback
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from dsnparse.config import load
from dsnparse.errors import ConfigError
from tests.adapters.stand_ins.listmonk import ListmonkStandIn
from tests.adapters.stand_ins.mautic import MauticStandIn
from tests.adapters.stand_ins.server import Request, Response, Server
from tests.conftest import FIXTURES
from tests.contracts.adapter import holds
from tests.e2e.command import dsnparse_command
from tests.pipeline.mails import LETTER, bounce, maildir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("token", "listmonk", "mailman", "mautic", "webhook", "notify")
SECRETS = {name: f"{name}: 5ecret %s {{0}} \\x41 of many octets" for name in NAMES}
CONFIG = """
[ledger]
path = "ledger"
[policy]
accept_unsigned = true
[policy.reason.user_unknown]
failures = 1
unproven = 1
days = 1
[trust]
return_path = "b+{{token}}@lists.example.org"
[[trust.keys]]
id = 1
secret_file = "token.secret"
[[adapter]]
type = "listmonk"
url = "{listmonk}"
timeout = "1s"
user = "dsnparse"
token_file = "listmonk.secret"
[[adapter]]
type = "mailman"
url = "{mailman}"
timeout = "1s"
user = "restadmin"
password_file = "mailman.secret"
[[adapter]]
type = "mautic"
url = "{mautic}"
timeout = "1s"
user = "dsnparse"
password_file = "mautic.secret"
[[adapter]]
type = "webhook"
url = "{webhook}"
timeout = "1s"
secret_file = "webhook.secret"
[notify.webhook]
url = "{notify}"
timeout = "1s"
secret_file = "notify.secret"
"""
# What runs before the command: all that any library has to say goes into a file.
DEBUG = """
import logging
logging.basicConfig(filename="debug.log", level=logging.DEBUG)
logging.captureWarnings(True)
"""
RAISES = """
from dsnparse.adapters import http
def read(response, until):
    raise RuntimeError("in the middle")
http._read = read
"""


def mirror(status: int) -> Server:
    """Return a server that says all it was told, in the body and in every header."""

    def answer(request: Request) -> Response:
        told = f"{request.method} {request.path} {dict(request.headers)} {request.body!r}"
        headers = {"Location": f"http://192.0.2.1/{told}", "WWW-Authenticate": told, "Retry-After": told, "X": told}
        return Response(status, {"message": told, "data": told, "entries": told}, headers=headers)

    return Server(answer)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with the secrets and a Maildir."""
    for name, secret in SECRETS.items():
        (tmp_path / f"{name}.secret").write_text(f"{secret}\n")
    maildir(tmp_path / "md", {"1": bounce("alice@example.org"), "2": LETTER, "3": bounce("a|b@example.org")})
    return tmp_path


LIVE = ("run --live --no-settle md", "doctor")
ALL = (*LIVE, "run --live md", "run md", "config show", "ledger show", "token make alice@example.org")


def told(place: Path, urls: dict[str, str], code: str = DEBUG, commands: tuple[str, ...] = LIVE) -> str:
    """Run commands, and return all that was printed, logged or kept."""
    (place / "config.toml").write_text(CONFIG.format_map(urls))
    words = []
    for command in commands:
        done = dsnparse_command(place, *command.split(), "--config", "config.toml", code=code)
        words += [done.stdout, done.stderr]
    words += [path.read_bytes() for path in place.rglob("*") if path.is_file() and path.suffix != ".secret"]
    text = b"\n".join(words).decode("utf-8", "replace")
    assert "alice@example.org" in text  # there was something to tell
    return text


def leaked(text: str) -> set[str]:
    """Return whose secrets stand in a text: as they are, in base64, or as Python and JSON write them."""
    return {
        name
        for name, secret in SECRETS.items()
        if any(holds(text, form) for form in (secret, secret.replace("\\", "\\\\"), secret[: len(secret) // 2]))
    }


def test_a_leak_would_be_seen() -> None:
    assert leaked(f"x {SECRETS['mautic']!r} y") == {"mautic"}
    assert leaked("nothing") == set()


@pytest.mark.parametrize("status", [200, 308])
def test_what_a_server_says_back_is_told_to_nobody(place: Path, status: int) -> None:
    with mirror(status) as server:
        text = told(place, dict.fromkeys(NAMES, server.url))
        asked = " ".join(f"{dict(request.headers)}" for request in server.requests)
    assert leaked(text) == set()
    assert leaked(asked) == {"listmonk", "mailman", "mautic"}  # they went where they belong; the others only sign
    assert "urllib3" in (place / "debug.log").read_text()


def test_where_nobody_answers_and_where_the_code_fails(place: Path) -> None:
    assert leaked(told(place, dict.fromkeys(NAMES, "http://127.0.0.1:1"))) == set()
    with mirror(200) as server:
        text = told(place, dict.fromkeys(NAMES, server.url), DEBUG + RAISES)
    assert "RuntimeError: in the middle" in text
    assert leaked(text) == set()


@pytest.fixture
def systems() -> Iterator[dict[str, str]]:
    """Run stand-ins that work, and return their addresses."""
    with ExitStack() as stack:
        urls = {}
        for name, kind in (("listmonk", ListmonkStandIn), ("mautic", MauticStandIn)):
            stand_in = kind()
            stand_in.secret = SECRETS[name]
            stack.enter_context(stand_in.server)
            urls[name] = stand_in.server.url
        quiet = stack.enter_context(Server(lambda _: Response(204)))
        yield dict.fromkeys(NAMES, quiet.url) | urls


def test_where_all_works(place: Path, systems: dict[str, str]) -> None:
    text = told(place, systems, commands=ALL)
    assert re.search(r"done.*listmonk:", text)
    assert leaked(text) == set()


def test_no_repr_of_the_settings_holds_one(place: Path) -> None:
    (place / "config.toml").write_text(CONFIG.format_map(dict.fromkeys(NAMES, "https://x.example.org")))
    config = load(str(place / "config.toml"))
    parts = [config, config.trust, config.trust.keys, config.notify, *config.trust.keys, *config.adapters]
    words = [f"{part!r} {part}" for part in [*parts, *(route.adapter for route in config.adapters)]]
    words += [route.adapter.name for route in config.adapters]
    assert leaked(" ".join(words)) == set()
    assert {secret.octets for secret in config.secrets} == {len(secret) for secret in SECRETS.values()}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["control", "short", "inline"])
def test_an_error_in_a_setting_names_the_key_and_not_the_secret(place: Path, name: str, bad: str) -> None:
    text = CONFIG.format_map(dict.fromkeys(NAMES, "https://x.example.org"))
    secret = SECRETS[name]
    if bad == "control":
        (place / f"{name}.secret").write_text(f"{secret}\x1b[2J{secret}")
    elif bad == "short":
        (place / f"{name}.secret").write_text("\n")
    else:
        text = re.sub(rf'(\w+)_file = "{name}\.secret"', lambda found: f"{found[1]} = '{secret}'", text)
    (place / "config.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(str(place / "config.toml"))
    assert re.match(
        r".*config.toml: (trust|adapter|notify)\S+_(file|env): |.*: secrets do not stand here", str(caught.value)
    )
    shown = "".join(traceback.format_exception(caught.value))
    assert leaked(shown) == set()


def test_what_is_depended_on_is_little_and_ranged() -> None:
    project = tomllib.loads((FIXTURES.parent / "pyproject.toml").read_text())["project"]
    found = {re.match(r"[A-Za-z0-9.]+", one)[0]: one for one in project["dependencies"]}  # type: ignore[index]
    assert set(found) == {"click", "flufl.bounce", "rich", "urllib3"}
    for one in found.values():
        assert re.fullmatch(r"[A-Za-z0-9.]+>=[0-9.]+,<[0-9]+", one), one
    assert found["urllib3"] == "urllib3>=2.2,<3"  # read1 came with 2.2

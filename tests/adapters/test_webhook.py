from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.site import Site
from dsnparse.adapters.webhook import Webhook, signature
from dsnparse.errors import ConfigError
from dsnparse.model import Trust, Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.contract import SECRET, ServedContract
from tests.adapters.stand_ins.receiver import Receiver, recipe
from tests.adapters.stand_ins.server import Request, Response, Server
from tests.contracts.adapter import decision, removal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dsnparse.adapters import Adapter

NOW = Receiver.now


def webhook(url: str) -> Webhook:
    return Webhook(Site(url=url, timeout=0.2), SECRET, clock=lambda: NOW)


class TestContract(ServedContract):
    """The contract."""

    kind = Receiver
    list_name = "news"
    stranger = Outcome.DONE  # the receiver alone knows whom it has
    repeat = Outcome.DONE  # likewise: it keeps the ids

    @pytest.fixture
    def adapter(self) -> Adapter:
        """Return it."""
        return webhook(self.stand_in.server.url)


def sent(answer: Callable[[Request], Response] | Response, path: str = "/hook") -> tuple[Answer, list[Request]]:
    """Return the answer to one decision, and what was sent."""
    with Server(answer if callable(answer) else lambda _: answer) as server:
        (result,) = webhook(server.url + path).apply([removal("alice@example.org")])
        return result, server.requests


def test_what_is_sent() -> None:
    _, (request,) = sent(Response(200))
    once = removal("alice@example.org")
    assert request.method == "POST"
    assert request.path == "/hook"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == once.id
    assert request.document == {
        "schema": 1,
        "id": once.id,
        "event": "remove",
        "address": "alice@example.org",
        "list": "",
        "until": None,
        "why": "the address is dead",
        "failure": {
            "original": "news-1@example.org",
            "at": "2026-01-02T03:04:05+00:00",
            "trust": "none",
            "final_address": None,
            "bounce_type": "hard",
            "reason": "user_unknown",
            "status": "5.1.1",
            "reply_code": None,
            "diagnostic": "550 5.1.1 no such user",
            "remote_mta": None,
            "reporting_mta": None,
            "rule": None,
            "feedback_type": None,
        },
    }


def test_a_disable_says_until_when_and_where() -> None:
    with Server(lambda _: Response(200)) as server:
        one = decision(Wanted.DISABLE, "alice@example.org", "news")
        webhook(server.url).apply([replace(one, event=replace(one.event, trust=Trust.STRONG))])
        document = server.requests[0].document
    assert (document["event"], document["list"]) == ("disable", "news")
    assert datetime.fromisoformat(str(document["until"])) == datetime(2026, 2, 1, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("\x1b[2J\u202e\0", "\x1b[2J\u202e\0"),
        ("a\udcff\ud800b", "a??b"),
        ("x" * 5000, "x" * 2000),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_words_of_a_mail_are_json_that_every_reader_takes(words: str, text: str) -> None:
    with Server(lambda _: Response(200)) as server:
        assert webhook(server.url).apply([removal("a@example.org", diagnostic=words)])[0].outcome is Outcome.DONE
        body = server.requests[0].body
    assert json.loads(body.decode("ascii"))["failure"]["diagnostic"] == text


def test_the_signature_is_over_the_time_and_the_octets() -> None:
    _, (request,) = sent(Response(200))
    mac = hmac.new(SECRET.encode(), f"{NOW}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.headers["Dsnparse-Signature"] == f"t={NOW},v1={mac}"


def test_a_known_signature() -> None:
    # echo -n '1800000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
    expected = "1313ae9c874eb1a0868ad0b65f841c4243c23fdcfad69a3ada227726fad9960e"
    assert signature("0123456789abcdef", 1_800_000_000, b"{}") == f"t=1800000000,v1={expected}"


HEADERS = {"Dsnparse-Signature": signature("secret", 1000, b'{"id": "1"}')}


def test_the_recipe_takes_what_is_ours() -> None:
    assert recipe()(b"secret", HEADERS, b'{"id": "1"}', 1000 + 299) == {"id": "1"}


@pytest.mark.parametrize(
    ("secret", "headers", "body", "now"),
    [
        (b"other", HEADERS, b'{"id": "1"}', 1000),
        (b"secret", HEADERS, b'{"id": "2"}', 1000),
        (b"secret", HEADERS, b'{"id": "1"}', 1000 + 301),  # recorded, and sent again later
        (b"secret", HEADERS, b'{"id": "1"}', 1000 - 301),
        (b"secret", {}, b'{"id": "1"}', 1000),
        (b"secret", {"Dsnparse-Signature": ""}, b'{"id": "1"}', 1000),
        (b"secret", {"Dsnparse-Signature": "t=1000"}, b'{"id": "1"}', 1000),
        (b"secret", {"Dsnparse-Signature": "t=x,v1=y"}, b'{"id": "1"}', 1000),
        (b"secret", {"Dsnparse-Signature": "t=\u0661,v1=\u00e9"}, b'{"id": "1"}', 1000),
        (
            b"secret",
            {"Dsnparse-Signature": HEADERS["Dsnparse-Signature"].replace("=1000", "=1001")},
            b'{"id": "1"}',
            1000,
        ),
    ],
)
def test_the_recipe_refuses_what_is_not(secret: bytes, headers: dict[str, str], body: bytes, now: int) -> None:
    assert recipe()(secret, headers, body, now) is None


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DONE),
        (202, Outcome.DONE),
        (204, Outcome.DONE),
        (400, Outcome.BAD_REQUEST),
        (401, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (410, Outcome.REFUSED),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
def test_what_a_status_means(status: int, outcome: Outcome) -> None:
    assert sent(Response(status))[0].outcome is outcome


def test_how_long_to_wait_is_told() -> None:
    answer, _ = sent(Response(429, headers={"Retry-After": "90"}))
    assert answer.outcome is Outcome.RETRY
    assert answer.detail.endswith("429 Too Many Requests, asks to wait 90 s")


def test_success_is_the_status_whatever_the_body() -> None:
    answer, _ = sent(Response(0, raw=b"HTTP/1.0 200 OK\r\n\r\n\x1b[2J no JSON"))
    assert answer.outcome is Outcome.DONE


@pytest.mark.parametrize("raw", [b"", b"\x1b[2J", b"SSH-2.0-x\r\n", b"HTTP/1.1 2000 OK\r\n\r\n"])
def test_what_is_no_http_is_no_success(raw: bytes) -> None:
    assert sent(Response(0, raw=raw))[0].outcome is Outcome.RETRY


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("location", ["/new", "new", "{url}/new", "/new?a=b"])
def test_a_redirect_within_the_host_is_followed_once(status: int, location: str) -> None:
    def answer(request: Request) -> Response:
        if request.path == "/new":
            return Response(200)
        return Response(status, headers={"Location": location.format(url=f"http://{request.headers['Host']}")})

    result, (first, second) = sent(answer)
    assert result == Answer(outcome=Outcome.DONE)
    assert (second.path, second.method, second.body) == ("/new", "POST", first.body)
    assert second.headers["Dsnparse-Signature"] == first.headers["Dsnparse-Signature"]


def test_a_second_redirect_is_refused() -> None:
    answer, requests = sent(Response(308, headers={"Location": "/round"}))
    assert answer.outcome is Outcome.REFUSED
    assert answer.detail.endswith("308 Permanent Redirect (a redirect that is not followed)")
    assert len(requests) == 2


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://example.net/hook",
        "//example.net/hook",
        "https://{host}/hook",
        "http://127.0.0.1:1/hook",
        "http://user@{host}/hook",
        "http://{host}@example.net/",
        "file:///etc/passwd",
        "gopher://{host}/",
        "ftp://{host}/",
        "http://[::1",
        "http://{host}:80:80/",
        "/a b",
        "/\x1b[2J",
        "/\xe9",
    ],
)
def test_a_redirect_elsewhere_is_refused(location: str) -> None:
    def answer(request: Request) -> Response:
        return Response(307, headers={"Location": location.format(host=request.headers["Host"])})

    result, requests = sent(answer)
    assert result.outcome is Outcome.REFUSED
    assert result.detail.endswith("307 Temporary Redirect (a redirect that is not followed)")
    assert len(requests) == (2 if location == "" else 1)  # an empty one leads to where it came from


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304])
def test_redirects_that_would_lose_the_body_are_refused(status: int) -> None:
    answer, requests = sent(Response(status, headers={"Location": "/new"}))
    assert answer.outcome is Outcome.REFUSED
    assert len(requests) == 1


def test_a_wrong_secret_ends_a_batch_and_is_sent_no_further() -> None:
    with Server(lambda _: Response(401)) as server:
        answers = webhook(server.url).apply([removal(f"a{number}@example.org") for number in range(5)])
        assert [answer.outcome for answer in answers] == [Outcome.REFUSED] * 5
        assert len(server.requests) == 1


def test_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    with Server(lambda _: Response(204)) as server:
        table = Table(
            {"type": "webhook", "url": server.url + "/hook/", "secret_file": "secret"}, "adapter[0]", tmp_path
        )
        adapter = make(table)
        assert adapter.name == f"webhook:{server.url}/hook"
        assert adapter.check() == Answer(outcome=Outcome.DONE)
        (request,) = server.requests
    assert request.document == {"schema": 1, "id": "ping", "event": "ping"}


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "url"),
        ({"url": "https://example.org"}, "secret_file"),
        ({"url": "https://example.org", "secret": SECRET}, "secret"),
        ({"url": "https://example.org", "secret_env": "DSNPARSE_TEST_SHORT"}, "secret_file"),
        ({"url": "https://example.org", "secret_env": "DSNPARSE_TEST_LONG", "retries": 3}, "retries"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSNPARSE_TEST_SHORT", "guessable")
    monkeypatch.setenv("DSNPARSE_TEST_LONG", SECRET)
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: ") as raised:
        make(Table({"type": "webhook", **values}, "adapter[0]"))
    assert "guessable" not in str(raised.value)

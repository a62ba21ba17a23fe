from __future__ import annotations

import logging
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Answer, Outcome
from dsnparse.adapters.http import Reply, Unexpected, answer_of, call, in_turn, inner, outcome_of
from dsnparse.adapters.site import Site, basic, site
from dsnparse.errors import ConfigError
from dsnparse.settings import Table
from tests.adapters.stand_ins.server import Request, Response, Server
from tests.contracts.adapter import Fault, removal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsnparse.model import Decision


def asked(answer: Response) -> tuple[Reply, Request]:
    """Return what a call makes of an answer, and the request."""
    with Server(lambda _: answer) as server:
        reply = call(Site(url=server.url, headers={"X-Key": "value"}, timeout=0.5), "POST", "/a", document={"one": 1})
        (request,) = server.requests
    return reply, request


def raw(octets: bytes) -> Reply:
    return asked(Response(0, raw=octets))[0]


@contextmanager
def talker(*parts: bytes, pause: float) -> Iterator[Site]:
    """Give a server that sends parts with a pause behind each."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                for part in parts:
                    try:
                        connection.sendall(part)
                    except OSError:
                        return
                    if stop.wait(pause):
                        return

        thread = threading.Thread(target=talk)
        thread.start()
        yield Site(url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=0.2)
        stop.set()
        thread.join()


def test_a_call_carries_what_it_should() -> None:
    reply, request = asked(Response(200, {"two": [2]}))
    assert (reply.status, reply.data) == (200, {"two": [2]})
    assert (request.method, request.path, request.document) == ("POST", "/a", {"one": 1})
    assert request.headers["X-Key"] == "value"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "identity"


def test_a_query_is_quoted() -> None:
    with Server(lambda _: Response(200, {})) as server:
        call(Site(url=server.url), "GET", "/a", query={"q": "a='o''hara&b=1#%'"})
        assert server.requests[0].query == {"q": "a='o''hara&b=1#%'"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<html>login</html>",
        b"\xff\xfe\x00",
        b'{"data": tru',
        b"[" * 100_000,
        b'"' + b"x" * (1 << 20) + b'"',
        b"\x1f\x8b\x08" + b"\0" * 40,
    ],
)
def test_garbage_is_no_document(body: bytes) -> None:
    reply = raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
    assert (reply.status, reply.data) == (200, None)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 999999 \x1b[2J\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 1000 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n{}",
    ],
)
def test_half_an_answer_is_none(octets: bytes) -> None:
    reply = raw(octets)
    assert reply.status == 0
    assert reply.detail.startswith("127.0.0.1:")
    assert reply.detail.isprintable()
    assert not reply.hopeless


@pytest.mark.parametrize("line", [b"no colon\x1b[2J", b" folded", b"X\xff: 1", b"X: \x1b[2J"])
def test_odd_header_lines_are_survived_and_not_logged(line: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Server(lambda _: Response(0, raw=b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n{}")) as server:
        call(Site(url=server.url, timeout=0.5), "GET", query={"q": "alice@example.org"})
    assert caplog.records == []


def test_a_compressed_answer_is_not_unpacked() -> None:
    reply = raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip at all")
    assert (reply.status, reply.data) == (200, None)


def test_silence_ends_after_the_timeout() -> None:
    with Server(lambda _: Response(200)) as server:
        server.fail(Fault.TIMEOUT)
        began = time.monotonic()
        reply = call(Site(url=server.url, timeout=0.2), "GET")
        assert 0.2 <= time.monotonic() - began < 1
        assert reply == Reply(status=0, detail=f"{server.url[7:]}: no answer in 0.2 s")


def test_an_answer_that_drips_ends_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with talker(head, *[b"x"] * 50, pause=0.1) as slow:
        began = time.monotonic()
        assert call(slow, "GET").data is None
        assert time.monotonic() - began < 1.5


def test_nobody_there() -> None:
    with Server(lambda _: Response(200)) as server:
        server.fail(Fault.AWAY)
        reply = call(Site(url=server.url), "GET")
        assert reply.status == 0
        assert reply.detail.endswith(": nobody takes the connection")


def test_a_name_that_nobody_has() -> None:
    reply = call(Site(url="http://nobody.invalid", timeout=2), "GET")
    assert reply.status == 0
    assert not reply.hopeless
    assert reply.detail.startswith("nobody.invalid: ")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(status: int) -> None:
    with Server(lambda _: Response(status, headers={"Location": "/b"})) as server:
        reply = call(Site(url=server.url), "GET", "/a")
        assert (reply.status, reply.location) == (status, "/b")
        assert [request.path for request in server.requests] == ["/a"]


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert asked(Response(200, {}))[0].status == 200


@pytest.mark.parametrize(("value", "wait"), [("120", 120), ("", None), ("-1", None), ("soon", None), ("9" * 9, None)])
def test_retry_after_is_seconds_or_nothing(value: str, wait: int | None) -> None:
    assert asked(Response(429, headers={"Retry-After": value}))[0].wait == wait


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate with its key that no system trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl")
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([openssl, *words.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    with path.open("ab") as stream:
        stream.write((path.parent / f"{path.name}.crt").read_bytes())
    return path


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"data": 1}')


@contextmanager
def tls(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer(("127.0.0.1", 0), _Quiet)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_that_nobody_signed_is_for_a_person(own_certificate: Path) -> None:
    with tls(own_certificate) as url:
        to = Site(url=url, timeout=2)
        reply = call(to, "GET")
    assert reply.hopeless
    assert answer_of(to, reply).outcome is Outcome.REFUSED
    assert answer_of(to, reply).detail == f"{to.host}: its certificate is not trusted"


def test_a_certificate_that_the_settings_name_is_trusted(own_certificate: Path) -> None:
    with tls(own_certificate) as url:
        assert call(Site(url=url, timeout=2, ca_file=str(own_certificate)), "GET").data == {"data": 1}


def test_certificates_that_cannot_be_read_are_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    for name in ("none.pem", "bad.pem"):
        with pytest.raises(ConfigError, match=f"^ca_file: {tmp_path / name}: "):
            site(Table({"url": "https://example.org", "ca_file": str(tmp_path / name)}))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0, Outcome.RETRY),
        (100, Outcome.RETRY),
        (200, Outcome.DONE),
        (204, Outcome.DONE),
        (301, Outcome.REFUSED),
        (308, Outcome.REFUSED),
        (400, Outcome.BAD_REQUEST),
        (401, Outcome.REFUSED),
        (403, Outcome.REFUSED),
        (404, Outcome.REFUSED),  # of an address of ours, not of theirs: whoever knows better says so before
        (405, Outcome.REFUSED),
        (407, Outcome.REFUSED),
        (408, Outcome.RETRY),
        (410, Outcome.REFUSED),
        (413, Outcome.BAD_REQUEST),
        (422, Outcome.BAD_REQUEST),
        (425, Outcome.RETRY),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
        (599, Outcome.RETRY),
    ],
)
def test_what_a_status_alone_means(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


@pytest.mark.parametrize(
    ("reply", "note", "answer"),
    [
        (Reply(status=0, detail="away"), "", Answer(outcome=Outcome.RETRY, detail="away")),
        (
            Reply(status=200),
            "",
            Answer(outcome=Outcome.RETRY, detail="example.org: an answer that cannot be understood"),
        ),
        (
            Reply(status=503, wait=120),
            "",
            Answer(outcome=Outcome.RETRY, detail="example.org: 503 Service Unavailable, asks to wait 120 s"),
        ),
        (Reply(status=799), "odd", Answer(outcome=Outcome.RETRY, detail="example.org: 799 (odd)")),
        (Reply(status=404), "", Answer(outcome=Outcome.REFUSED, detail="example.org: 404 Not Found")),
    ],
)
def test_what_a_person_reads(reply: Reply, note: str, answer: Answer) -> None:
    assert answer_of(Site(url="https://example.org/path"), reply, note) == answer


def batch(*replies: Reply | None) -> list[Answer]:
    """Return the answers for ten decisions that meet replies, one for each call that is made; None: done."""
    left = list(replies)

    def one(_: Decision) -> Answer:
        reply = left.pop(0)
        if reply is None:
            return Answer(outcome=Outcome.DONE)
        raise Unexpected(reply)

    answers = in_turn(Site(url="https://example.org"), [removal("a@example.org")] * 10, one)
    assert not left
    assert len(answers) == 10
    return answers


def test_three_silences_in_a_row_end_a_batch() -> None:
    none = Reply(status=0, detail="away")
    outcomes = [answer.outcome for answer in batch(none, none, None, none, none, none)]
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.DONE] + [Outcome.RETRY] * 7


@pytest.mark.parametrize("reply", [Reply(status=401), Reply(status=429), Reply(status=0, hopeless=True)])
def test_a_server_that_wants_no_more_is_left_alone(reply: Reply) -> None:
    answers = batch(None, reply)
    assert answers[0].outcome is Outcome.DONE
    assert {answer.outcome for answer in answers[1:]} == {answer_of(Site(url="x"), reply).outcome}


def test_one_error_of_the_server_stops_nobody_else() -> None:
    error = Reply(status=500)
    assert [answer.outcome for answer in batch(*[error] * 9, None)] == [Outcome.RETRY] * 9 + [Outcome.DONE]


@pytest.mark.parametrize(
    ("document", "value"),
    [({"a": {"b": 1}}, 1), ({"a": {"b": None}}, None), ({"a": [1]}, None), ([], None), (None, None), ("a", None)],
)
def test_what_lies_in_a_document(document: object, value: object) -> None:
    assert inner(document, "a", "b") == value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org",
        "file:///etc/passwd",
        "gopher://example.org",
        "javascript:alert(1)",
        "http://",
        "https:///path",
        "http://[::1",
        "http://example.org:port",
        "http://example.org:99999",
        "http://user@example.org",
        "http://user:secret@example.org",
        "http://example.org/a?b=c",
        "http://example.org/#a",
        "http://example.org/a b",
        "http://example.org/a\r\nX-Header: 1",
        "http://exämple.org",
    ],
)
def test_urls_that_are_none_of_ours(url: str) -> None:
    with pytest.raises(ConfigError, match=r"adapter\[0\]\.url: ") as raised:
        site(Table({"url": url}, "adapter[0]"))
    assert "secret" not in str(raised.value)


def test_settings_of_a_site(own_certificate: Path) -> None:
    values = {"url": "https://[2001:db8::1]:8443/base/", "timeout": "30s", "ca_file": own_certificate.name}
    table = Table(values, "a", own_certificate.parent)
    taken = site(table)
    table.done()
    assert taken == Site(url="https://[2001:db8::1]:8443/base", timeout=30.0, ca_file=str(own_certificate))
    assert taken.host == "[2001:db8::1]:8443"
    with pytest.raises(ConfigError, match="timeout"):
        site(Table({"url": "https://example.org", "timeout": "0s"}))


def test_a_site_does_not_show_how_it_is_let_in() -> None:
    assert "Basic" not in repr(Site(url="https://example.org", headers=basic("user", "secret")))


def test_basic_authentication_survives_any_password() -> None:
    assert basic("user", "pä:ss\r\nX: 1") == {"Authorization": "Basic dXNlcjpww6Q6c3MNClg6IDE="}


def test_urllib3_is_loaded_by_the_first_call_only() -> None:
    code = "import sys, dsnparse.adapters.http, dsnparse.adapters; sys.exit('urllib3' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

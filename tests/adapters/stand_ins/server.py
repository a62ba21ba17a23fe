"""A real HTTP server in a thread, for programs that cannot be installed here, with faults that can be switched on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

from tests.contracts.adapter import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GARBAGE = b"HTTP/1.0 200 OK\r\n\r\n\x1b[2J<html>\r\n\xff\x00 not JSON: "


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, object]:
        """The JSON object that was sent; empty for anything else."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: int
    document: object = None
    changed: bool = False  # whether the target is another one now
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # the octets of the whole answer, in place of all that


class Server:
    """The server; it answers by what `application` returns."""

    def __init__(self, application: Callable[[Request], Response], garbage: bytes = GARBAGE) -> None:
        self._garbage = garbage
        self.requests: list[Request] = []
        self._application = application
        self._fault: Fault | None = None
        self._mended = Event()
        self._listen(0)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mended.set()
        self._leave()

    def fail(self, fault: Fault) -> None:
        """Answer in this way from now on."""
        self._fault = fault
        self._mended.clear()
        if fault is Fault.AWAY:
            self._leave()

    def mend(self) -> None:
        """Answer as one should."""
        self._fault = None
        self._mended.set()
        if not self._thread.is_alive():
            self._listen(int(self.url.rpartition(":")[2]))

    def _listen(self, port: int) -> None:
        methods = {f"do_{method}": _Handler.answer for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
        handler = type("Handler", (_Handler,), {"owner": self, **methods})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True)
        self._thread.start()

    def _leave(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, request: Request) -> Response | None:
        """Return the answer; None for no answer at all."""
        self.requests.append(request)
        match self._fault:
            case Fault.SERVER_ERROR:
                return Response(500, {"message": "a stack trace, and " + request.headers.get("Authorization", "")})
            case Fault.TIMEOUT:
                self._mended.wait(5)
                return None
            case Fault.GARBAGE:
                secret = request.headers.get("Authorization", "").encode()
                return Response(0, raw=self._garbage + secret)
        response = self._application(request)
        if self._fault is Fault.DIES and response.changed:
            self._leave()
            return None
        return response


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    wbufsize = -1  # head and body in one packet: two wait 40 ms for each other (Nagle, delayed acknowledgement)

    def log_message(self, *_: object) -> None:
        pass

    def answer(self) -> None:
        """Answer a call of any method."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = dict(self.headers.items())
        response = self.owner.respond(Request(self.command, parts.path, query, headers, body))
        self.close_connection = True
        if response is None:
            return
        if response.raw is not None:
            self.wfile.write(response.raw)
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if response.status != 204:
            self.wfile.write(json.dumps(response.document).encode())

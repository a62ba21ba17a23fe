"""An SMTP server that keeps what it gets, as small as RFC 5321 lets it be."""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Mail:
    """One mail as it came."""

    sender: str
    recipients: list[str] = field(default_factory=list)
    raw: bytes = b""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        sink = self.server.sink
        self._say(sink.banner)
        mail = None
        while line := self.rfile.readline():
            words = line.decode().rstrip("\r\n")
            sink.commands.append(words)
            verb = words.partition(" ")[0].upper()
            if verb == "MAIL":
                mail = Mail(words.partition(":")[2].partition(" ")[0])
                self._say("250 ok")
            elif verb == "RCPT" and mail is not None:
                address = words.partition(":")[2].strip("<>")
                refused = address in sink.refused
                mail.recipients += [] if refused else [address]
                self._say("550 5.1.1 no\x1b[31msuch user" if refused else "250 ok")
            elif verb == "DATA" and mail is not None:
                self._say("354 go on")
                mail.raw = self._data()
                sink.mails.append(mail)
                self._say("250 taken")
            else:
                self._say("221 bye" if verb == "QUIT" else "250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, sink: Sink) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sink = sink

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client that goes away is no failure of the test."""


class Sink:
    """The server; use it as a context manager."""

    def __init__(self, banner: str = "220 sink", refused: tuple[str, ...] = ()) -> None:
        self.banner = banner
        self.refused = refused
        self.commands: list[str] = []
        self.mails: list[Mail] = []
        self._server = _Server(self)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

"""Calls over HTTP: functions that the adapters for systems with a web interface share.

Every call has a timeout, goes to the host of the settings and to no other, follows no redirect, checks certificates,
is made once, and reads a bounded answer.  Nothing here raises for what a server does: no answer at all is status 0.
What a server says is never repeated in a detail: it could be a secret, or meant for a terminal.
"""

from __future__ import annotations

import json
import logging
import ssl
import time
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from urllib3 import BaseHTTPResponse, PoolManager

    from dsnparse.adapters.site import Site
    from dsnparse.model import Decision

__all__ = ["Reply", "Unexpected", "answer_of", "call", "in_turn", "inner", "outcome_of"]

_MAX_ANSWER: Final = 1 << 20  # octets; the longest answer that is needed is a page of one contact
_CHUNK: Final = 1 << 14
_SILENCES: Final = 3  # so many decisions in a row without any answer end a batch: the wait must not grow with it
_RETRY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_BAD: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int  # 0: nothing that is an answer
    data: object = None  # the JSON document; None for anything else
    detail: str = ""  # why there is no answer
    hopeless: bool = False  # the same call will not work until a person has done something
    location: str = ""  # the Location field as it came: not to be trusted
    wait: int | None = None  # seconds that the server asks for (Retry-After, RFC 9110 section 10.2.3)


class Unexpected(Exception):  # noqa: N818 - no error of ours: the reply that the code that reads it has no place for
    """A reply that decides a decision's outcome by its status alone."""

    def __init__(self, reply: Reply, note: str = "") -> None:
        super().__init__(reply.status)
        self.reply = reply
        self.note = note


def call(  # noqa: PLR0913 - what a call is made of
    to: Site,
    method: str,
    path: str = "",
    *,
    query: Mapping[str, str] | None = None,
    document: object = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Make one call and return what came of it, whatever that is.

    path: what stands behind the site's URL; document: to be sent as JSON, or body: octets that are sent as they are.
    """
    from urllib3 import Timeout  # noqa: PLC0415 - 30 ms, and only for those who have such an adapter
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - likewise

    fields = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "dsnparse", **to.headers}
    if document is not None:
        body = json.dumps(document).encode()
    if body is not None:
        fields["Content-Type"] = "application/json"
    url = f"{to.url}{path}" + (f"?{urlencode(query)}" if query else "")
    until = time.monotonic() + 2 * to.timeout
    response: BaseHTTPResponse | None = None
    try:
        response = _pool(to.ca_file).request(
            method,
            url,
            body=body,
            headers={**fields, **(headers or {})},
            timeout=Timeout(connect=to.timeout, read=to.timeout),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        data = _read(response, until)
    except (HTTPError, OSError) as error:
        if response is not None:
            response.close()
        return _no_answer(to, error)
    return Reply(
        status=response.status,
        data=_document(data),
        location=response.headers.get("Location", ""),
        wait=_wait(response.headers.get("Retry-After", "")),
    )


@cache
def _pool(ca_file: str | None) -> PoolManager:
    """Return the one pool of connections; it asks no environment for a proxy, and checks certificates."""
    from urllib3 import PoolManager  # noqa: PLC0415 - see `call`

    # Of odd header lines it warns with the whole URL, and so with somebody's address, and with what the server sent.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    return PoolManager(num_pools=8, maxsize=2, retries=False, cert_reqs="CERT_REQUIRED", ca_certs=ca_file)


def _read(response: BaseHTTPResponse, until: float) -> bytes:
    """Return the body, or what there is of it when it is too long or too slow: that is no JSON, then."""
    data = bytearray()
    while chunk := response.read1(_CHUNK):
        data += chunk
        if len(data) > _MAX_ANSWER or time.monotonic() > until:
            response.close()
            return b""
    response.release_conn()
    return bytes(data)


def _document(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _wait(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None  # noqa: PLR2004 - digits


def _no_answer(to: Site, error: Exception) -> Reply:
    """Say in our own words why there is none: an exception's may quote the call, the answer or the settings."""
    from urllib3 import exceptions  # noqa: PLC0415 - see `call`

    if isinstance(error, exceptions.SSLError) and any(
        isinstance(one, ssl.SSLCertVerificationError) for one in error.args
    ):
        return Reply(status=0, detail=f"{to.host}: its certificate is not trusted", hopeless=True)
    if isinstance(error, exceptions.NameResolutionError):
        words = "the host's name cannot be resolved"
    elif isinstance(error, exceptions.NewConnectionError):  # before the timeouts, of which it is one to urllib3
        words = "nobody takes the connection"
    elif isinstance(error, exceptions.TimeoutError):
        words = f"no answer in {to.timeout:g} s"
    else:
        words = "what came is no answer, or only a part of one"
    return Reply(status=0, detail=f"{to.host}: {words}")


def outcome_of(status: int) -> Outcome:
    """Return what a status alone means; the systems' own meanings (404 above all) come before it."""
    if status in _RETRY or status < HTTPStatus.OK or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.RETRY
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome.DONE
    return Outcome.BAD_REQUEST if status in _BAD else Outcome.REFUSED


def answer_of(to: Site, reply: Reply, note: str = "") -> Answer:
    """Return the answer for a reply by its status alone; a success that says nothing we know is none: RETRY."""
    if not reply.status:
        return Answer(outcome=Outcome.REFUSED if reply.hopeless else Outcome.RETRY, detail=reply.detail)
    outcome = outcome_of(reply.status)
    if outcome is Outcome.DONE:
        return Answer(outcome=Outcome.RETRY, detail=f"{to.host}: {note or 'an answer that cannot be understood'}")
    words = f"{to.host}: {reply.status} {_phrase(reply.status)}".rstrip()
    if reply.wait is not None:
        words += f", asks to wait {reply.wait} s"
    return Answer(outcome=outcome, detail=f"{words} ({note})" if note else words)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def in_turn(to: Site, decisions: Sequence[Decision], one: Callable[[Decision], Answer]) -> list[Answer]:
    """Carry out decisions one after the other; `one` raises Unexpected for a reply that it has no place for.

    A server that says nothing, that does not know us or that asks for patience is not called for the rest.  Nobody is
    called for an address that is not safe to hand over.
    """
    answers: list[Answer] = []
    silences = 0
    for decision in decisions:
        if checked(decision.address) != decision.address:
            answers.append(UNSAFE)
            continue
        try:
            answers.append(one(decision))
            silences = 0
        except Unexpected as unexpected:
            reply = unexpected.reply
            answers.append(answer_of(to, reply, unexpected.note))
            silences = 0 if reply.status else silences + 1
            if silences == _SILENCES or reply.hopeless or reply.status in {401, 429}:
                break
    left = decisions[len(answers) :]
    return answers + [answers[-1] if checked(one.address) == one.address else UNSAFE for one in left]


def inner(document: object, *keys: str) -> object:
    """Return what lies in a JSON document under keys, one within the other; None where that is not there."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document

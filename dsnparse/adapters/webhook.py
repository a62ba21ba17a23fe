"""A signed call to an address of the owner's, for every system that dsnparse does not know.

The body is a JSON document (docs/adapters.md has its keys), the same octets each time the decision is sent but for the
clock in the signature.  It is sent at least once: the receiver keeps the ids that it has carried out.
"""

from __future__ import annotations

import hmac
import json
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.document import document
from dsnparse.adapters.http import Reply, Unexpected, answer_of, call, in_turn, outcome_of
from dsnparse.adapters.site import Site, site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Webhook", "make", "signature"]

_LEAST_SECRET: Final = 16  # characters; fewer can be guessed from one signed call
_FOLLOWED: Final = frozenset({307, 308})  # the method and the body stay (RFC 9110 sections 15.4.8 and 15.4.9)
_REDIRECTS: Final = range(300, 400)


def make(table: Table) -> Webhook:
    """Make the adapter; `url`, and `secret_file` or `secret_env`."""
    to = site(table)
    secret = table.secret("secret")
    if secret is None or len(secret) < _LEAST_SECRET:
        error = table.bad("secret_file", f"or secret_env must name a secret of at least {_LEAST_SECRET} characters")
        raise error
    return Webhook(to, secret)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of the Dsnparse-Signature field: HMAC-SHA256 (RFC 2104) over the time, a dot and the body.

    timestamp: seconds since 1970, so that the receiver may refuse what somebody recorded and sends again.
    """
    return f"t={timestamp},v1={hmac.digest(secret.encode(), b'%d.%s' % (timestamp, body), 'sha256').hex()}"


class Webhook:
    """The adapter for one address."""

    def __init__(self, to: Site, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        self._to = to
        self._secret = secret
        self._clock = clock

    @property
    def name(self) -> str:
        """The kind and the address."""
        return f"webhook:{self._to.url}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Send each decision."""
        return in_turn(self._to, decisions, self._one)

    def check(self) -> Answer:
        """Send a ping, which the receiver answers as it would a decision, and does nothing."""
        reply = self._send("ping", {"schema": 1, "id": "ping", "event": "ping"})
        done = outcome_of(reply.status) is Outcome.DONE
        return Answer(outcome=Outcome.DONE) if done else answer_of(self._to, reply, _note(reply))

    def _one(self, decision: Decision) -> Answer:
        reply = self._send(decision.id, document(decision))
        if outcome_of(reply.status) is Outcome.DONE:
            return Answer(outcome=Outcome.DONE)
        raise Unexpected(reply, _note(reply))

    def _send(self, event_id: str, document: object) -> Reply:
        body = json.dumps(document).encode()  # ASCII: whatever the mail held, this is valid UTF-8
        reply = self._post(self._to, event_id, body)
        if reply.status in _FOLLOWED:
            url = _same_host(self._to.url, reply.location)
            if url:
                to = Site(url=url, timeout=self._to.timeout, ca_file=self._to.ca_file)
                reply = self._post(to, event_id, body)
        return reply

    def _post(self, to: Site, event_id: str, body: bytes) -> Reply:
        headers = {
            "Idempotency-Key": event_id,
            "Dsnparse-Signature": signature(self._secret, int(self._clock()), body),
        }
        return call(to, "POST", body=body, headers=headers)


def _note(reply: Reply) -> str:
    return "a redirect that is not followed" if reply.status in _REDIRECTS else ""


def _same_host(url: str, location: str) -> str | None:
    """Return where a redirect leads, None when that is another host, port or scheme, or no address at all."""
    try:
        joined = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(joined)
    except ValueError:
        return None
    printable = joined.isascii() and joined.isprintable() and " " not in joined
    same = (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())
    return joined if same and printable else None

"""listmonk, over its HTTP interface.

Written from its source as of July 2026 and never run against it; docs/adapters.md says what follows from that.  It
answers 200 to a bounce of somebody whom it does not have, so the subscriber is looked up first, and read back after.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.http import Reply, Unexpected, answer_of, call, in_turn, inner
from dsnparse.adapters.site import Site, basic, site
from dsnparse.model import BounceType, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Decision, Event
    from dsnparse.settings import Table

__all__ = ["Listmonk", "make"]

_MODES: Final = ("blocklist", "unsubscribe", "record")
_LOOKS: Final = (0.05, 0.2, 0.75)  # seconds before each look at what its queue made of a bounce
_MAX_DIAGNOSTIC: Final = 500  # characters
_NO_WAY_BACK: Final = "listmonk has no call that takes this back, so nobody is {} for a time only"
_BY_HAND: Final = "listmonk has no call for this: a person must do it there"


def make(table: Table) -> Listmonk:
    """Make the adapter; `url`, `user`, the API user's token, `mode`, and `list_id` for unsubscribing."""
    mode = table.choice("mode", _MODES, "blocklist")
    list_id = table.integer("list_id", least=1) if mode == "unsubscribe" else 0
    user, token = table.text("user"), table.secret("token")
    if token is None:
        error = table.bad("token_file", "or token_env must name the token of the API user")
        raise error
    return Listmonk(site(table, headers=basic(user, token)), mode, list_id)


class Listmonk:
    """The adapter for one listmonk, or for one list of it."""

    def __init__(self, to: Site, mode: str, list_id: int = 0) -> None:
        self._to = to
        self._mode = mode
        self._list_id = list_id

    @property
    def name(self) -> str:
        """The kind, the address, and the list where it is about one."""
        return f"listmonk:{self._to.url}" + (f" list {self._list_id}" if self._list_id else "")

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Tell listmonk of each decision."""
        return in_turn(self._to, decisions, self._one)

    def check(self) -> Answer:
        """Look up an address that nobody has; for `record`, send a bounce that says nothing, which must be refused."""
        try:
            self._find("nobody@example.invalid")
        except Unexpected as unexpected:
            return answer_of(self._to, unexpected.reply, unexpected.note)
        if self._mode == "record":
            reply = call(self._to, "POST", "/webhooks/bounce", document={})
            if reply.status != 400:  # noqa: PLR2004 - "400 no email or uuid": so we may send one that has them
                return answer_of(self._to, reply, _note(reply))
        return Answer(outcome=Outcome.DONE)

    def _one(self, decision: Decision) -> Answer:
        if decision.wanted is Wanted.RESTORE:
            return Answer(outcome=Outcome.BAD_REQUEST, detail=_BY_HAND)
        if decision.until is not None and self._mode != "record":
            words = "unsubscribed" if self._mode == "unsubscribe" else "blocklisted"
            return Answer(outcome=Outcome.BAD_REQUEST, detail=_NO_WAY_BACK.format(words))
        found = self._find(decision.address)
        if found is None:
            return Answer(outcome=Outcome.NOT_FOUND)
        number, subscriber = found
        if self._mode == "record":
            return self._record(decision, number, subscriber)
        met = self._met(subscriber)
        return Answer(outcome=met) if met else self._change(decision.address, number)

    def _change(self, address: str, number: int) -> Answer:
        if self._mode == "blocklist":
            reply = self._call("PUT", f"/api/subscribers/{number}/blocklist")
        else:
            wanted = {"ids": [number], "action": "unsubscribe", "target_list_ids": [self._list_id]}
            reply = self._call("PUT", "/api/subscribers/lists", wanted)
        found = self._find(address)  # a missing id is a 400 and no 404; the state says what the status does not
        if found is None:
            return Answer(outcome=Outcome.NOT_FOUND)
        if self._met(found[1]) is Outcome.ALREADY:
            return Answer(outcome=Outcome.DONE)
        raise Unexpected(reply, "it changed nothing" if reply.status == 200 else "")  # noqa: PLR2004 - OK

    def _met(self, subscriber: dict[str, object]) -> Outcome | None:
        """Return ALREADY for one who gets no mail, NOT_FOUND for one who is not on the list, None for all others."""
        if subscriber.get("status") == "blocklisted":
            return Outcome.ALREADY
        if self._mode == "blocklist":
            return None
        lists = subscriber.get("lists")
        if not isinstance(lists, list):
            raise Unexpected(Reply(status=200), "a subscriber without lists")
        states = [inner(one, "subscription_status") for one in lists if inner(one, "id") == self._list_id]
        if not states:
            return Outcome.NOT_FOUND
        return Outcome.ALREADY if states == ["unsubscribed"] else None

    def _record(self, decision: Decision, number: int, subscriber: dict[str, object]) -> Answer:
        """Send a bounce; what listmonk then does is for its own settings to say."""
        if subscriber.get("status") == "blocklisted" or self._recorded(decision.id, number):
            return Answer(outcome=Outcome.ALREADY)  # of a blocklisted one it records nothing more
        self._call("POST", "/webhooks/bounce", _bounce(decision))
        for pause in _LOOKS:
            time.sleep(pause)
            if self._recorded(decision.id, number):
                return Answer(outcome=Outcome.DONE)
        raise Unexpected(Reply(status=200), "it took the bounce, and has not recorded it yet")

    def _recorded(self, decision_id: str, number: int) -> bool:
        reply = self._call("GET", f"/api/subscribers/{number}/bounces")
        data = inner(reply.data, "data")
        bounces = inner(data, "results") if isinstance(data, dict) else data
        if not isinstance(bounces, list):
            raise Unexpected(reply)
        return any(inner(bounce, "meta", "dsnparse") == decision_id for bounce in bounces)

    def _find(self, address: str) -> tuple[int, dict[str, object]] | None:
        """Return a subscriber and the number; None only where listmonk says that there is none."""
        text = address.lower().replace("'", "''")  # it goes into SQL as it is
        query = {"query": f"lower(subscribers.email) = '{text}'", "page": "1", "per_page": "2"}
        reply = call(self._to, "GET", "/api/subscribers", query=query)
        results = inner(reply.data, "data", "results")
        if reply.status != 200 or not isinstance(results, list):  # noqa: PLR2004 - OK
            raise Unexpected(reply)
        if not results and inner(reply.data, "data", "total") == 0:
            return None
        match results:
            case [{"id": int(number), "email": str(email), "status": str()} as subscriber] if (
                email.lower() == address.lower() and number > 0
            ):
                return number, subscriber
        raise Unexpected(reply, "an answer about somebody else")

    def _call(self, method: str, path: str, document: object = None) -> Reply:
        """Call; a success, and a 400 of which the state tells more, come back."""
        reply = call(self._to, method, path, document=document)
        if reply.status == 200 or (reply.status == 400 and method == "PUT"):  # noqa: PLR2004 - OK, Bad Request
            return reply
        raise Unexpected(reply, _note(reply))


def _bounce(decision: Decision) -> dict[str, object]:
    event = decision.event
    return {
        "email": decision.address,
        "source": "dsnparse",
        "type": _type(event),
        "created_at": event.at.isoformat(),
        "meta": {
            "dsnparse": decision.id,
            "status": event.status,
            "reason": event.reason,
            "diagnostic": (event.diagnostic or "")[:_MAX_DIAGNOSTIC].encode("utf-8", "replace").decode(),
        },
    }


def _type(event: Event) -> str:
    if event.feedback_type:
        return "complaint"
    return "hard" if event.bounce_type is BounceType.HARD else "soft"


def _note(reply: Reply) -> str:
    return "perhaps because bounces are not enabled there" if reply.status == 503 else ""  # noqa: PLR2004 - see the docs

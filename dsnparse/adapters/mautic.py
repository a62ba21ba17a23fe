"""Mautic, over its HTTP interface: "do not contact" by e-mail, for the reason "bounced".

Written from its source and its documentation, and never run against it; docs/adapters.md says what follows from that.
Mautic may have several contacts with one address: all of them are meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.http import Reply, Unexpected, answer_of, call, in_turn, inner
from dsnparse.adapters.site import Site, basic, site
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Mautic", "make"]

_BOUNCED: Final = 2  # 1: unsubscribed, 3: manual
_MARK: Final = "dsnparse "  # how the comment begins on what we set, and only that is taken back
_PAGE: Final = 30
_NOT_OURS: Final = "no mail by the contact's own wish or a person's, which stays"


def make(table: Table) -> Mautic:
    """Make the adapter; `url`, `user` and the password of somebody who may edit contacts."""
    user, password = table.text("user"), table.secret("password")
    if password is None:
        error = table.bad("password_file", "or password_env must name the password")
        raise error
    return Mautic(site(table, headers=basic(user, password)))


class Mautic:
    """The adapter for one Mautic."""

    def __init__(self, to: Site) -> None:
        self._to = to

    @property
    def name(self) -> str:
        """The kind and the address."""
        return f"mautic:{self._to.url}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Tell Mautic of each decision."""
        return in_turn(self._to, decisions, self._one)

    def check(self) -> Answer:
        """Look up an address that nobody has."""
        try:
            self._find("nobody@example.invalid")
        except Unexpected as unexpected:
            return answer_of(self._to, unexpected.reply, unexpected.note)
        return Answer(outcome=Outcome.DONE)

    def _one(self, decision: Decision) -> Answer:
        contacts = self._find(decision.address)
        if not contacts:
            return Answer(outcome=Outcome.NOT_FOUND)
        if decision.wanted is Wanted.RESTORE:
            return self._restore(decision, contacts)
        return self._stop(decision, contacts)

    def _stop(self, decision: Decision, contacts: Mapping[int, list[object]]) -> Answer:
        mailed = [number for number, marks in contacts.items() if not marks]
        if not mailed:
            return Answer(outcome=Outcome.ALREADY)
        event = decision.event
        comment = f"{_MARK}{decision.id}: {event.reason or event.feedback_type or ''} {event.status or ''}".rstrip()
        for number in mailed:
            self._post(number, "add", {"reason": _BOUNCED, "comments": comment})
        after = self._find(decision.address)
        if not after:
            return Answer(outcome=Outcome.NOT_FOUND)
        if all(after.values()):
            return Answer(outcome=Outcome.DONE)
        raise Unexpected(Reply(status=200), "it changed nothing")

    def _restore(self, decision: Decision, contacts: Mapping[int, list[object]]) -> Answer:
        ours = [number for number, marks in contacts.items() if marks and all(_is_ours(mark) for mark in marks)]
        if not ours:
            if any(contacts.values()):
                return Answer(outcome=Outcome.BAD_REQUEST, detail=_NOT_OURS)
            return Answer(outcome=Outcome.ALREADY)
        for number in ours:
            self._post(number, "remove", {})
        after = self._find(decision.address)
        if any(after.get(number) for number in ours):
            raise Unexpected(Reply(status=200), "it changed nothing")
        return Answer(outcome=Outcome.DONE)

    def _find(self, address: str) -> dict[int, list[object]]:
        """Return the contacts with an address by number, and what stops mail to each; none only if Mautic says so."""
        where = {"where[0][col]": "email", "where[0][expr]": "eq", "where[0][val]": address, "limit": str(_PAGE)}
        reply = call(self._to, "GET", "/api/contacts", query=where)
        contacts = inner(reply.data, "contacts")
        listed = list(contacts.values()) if isinstance(contacts, dict) else contacts  # PHP's empty array is a list
        total = inner(reply.data, "total")
        if reply.status != 200 or not isinstance(listed, list) or str(total) != str(len(listed)):  # noqa: PLR2004 - OK
            raise Unexpected(reply)
        found: dict[int, list[object]] = {}
        for contact in listed:
            match contact:
                case {"id": int(number), "fields": {"all": {"email": str(email)}}, "doNotContact": list(marks)} if (
                    email.lower() == address.lower()
                ):
                    found[number] = [mark for mark in marks if inner(mark, "channel") == "email"]
                case _:
                    raise Unexpected(reply, "an answer about somebody else")
        return found

    def _post(self, number: int, verb: str, document: object) -> None:
        reply = call(self._to, "POST", f"/api/contacts/{number}/dnc/email/{verb}", document=document)
        if reply.status not in {200, 201, 404}:  # 404: deleted since we looked; we look again
            raise Unexpected(reply)


def _is_ours(mark: object) -> bool:
    return str(inner(mark, "reason")) == str(_BOUNCED) and str(inner(mark, "comments")).startswith(_MARK)

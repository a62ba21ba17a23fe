"""Mautic as its source and documentation tell of it: the calls that the adapter makes."""

from __future__ import annotations

from base64 import b64encode

from tests.adapters.stand_ins.contract import StandIn
from tests.adapters.stand_ins.server import Request, Response

USER = "dsnparse"


class MauticStandIn(StandIn):
    """Contacts by number, each with its marks."""

    def __init__(self) -> None:
        super().__init__()
        self.emails = {47: "alice@example.org", 48: "bob@example.org"}
        self.marks: dict[int, list[dict[str, object]]] = {47: [], 48: []}
        self.may_edit = True

    def removed(self) -> set[str]:
        """Return who has a mark for e-mail."""
        return {
            self.emails[number]
            for number, marks in self.marks.items()
            if any(mark["channel"] == "email" for mark in marks)
        }

    def respond(self, request: Request) -> Response:
        """Answer by path."""
        right = "Basic " + b64encode(f"{USER}:{self.secret}".encode()).decode()
        if request.headers.get("Authorization") != right:
            return _error(401, "API authorization denied.")
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["api", "contacts"]:
                return self._query(request)
            case "POST", ["api", "contacts", number, "dnc", "email", verb] if int(number) not in self.emails:
                return _error(404, f"Item was not found: {verb}")
            case "POST", ["api", "contacts", number, "dnc", "email", verb]:
                return self._change(int(number), verb, request.document)
        return _error(404, "Not Found")

    def _query(self, request: Request) -> Response:
        asked = request.query
        if (asked.get("where[0][col]"), asked.get("where[0][expr]")) != ("email", "eq"):
            return _error(400, "this stand-in knows one question only")
        address = asked["where[0][val]"].lower()  # MySQL's collations tell letters' case not apart
        contacts = {
            str(number): {"id": number, "fields": {"all": {"email": email}}, "doNotContact": self.marks[number]}
            for number, email in self.emails.items()
            if email.lower() == address
        }
        return Response(200, {"total": str(len(contacts)), "contacts": contacts or []})

    def _change(self, number: int, verb: str, document: dict[str, object]) -> Response:
        if not self.may_edit:
            return _error(403, "You do not have access to the requested area/action.")
        if verb == "remove":
            self.marks[number] = [mark for mark in self.marks[number] if mark["channel"] != "email"]
            return Response(200, {"contact": {"id": number}}, changed=True)
        if document.get("reason") not in {1, 2, 3}:
            return _error(400, "Invalid reason code given")
        mark = {"reason": document["reason"], "comments": document.get("comments", ""), "channel": "email"}
        self.marks[number].append(mark)
        self.effects.append(self.emails[number])
        return Response(200, {"contact": {"id": number}}, changed=True)


def _error(status: int, message: str) -> Response:
    return Response(status, {"errors": [{"message": message, "code": status}]})

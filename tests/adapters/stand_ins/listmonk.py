"""listmonk as its source tells of it: the calls that the adapter makes, its silence about strangers included."""

from __future__ import annotations

import sqlite3
from base64 import b64encode

from tests.adapters.stand_ins.contract import StandIn
from tests.adapters.stand_ins.server import Request, Response

USER = "dsnparse"
LIST, OTHER_LIST = 3, 4


class ListmonkStandIn(StandIn):
    """Subscribers by number; the query for them is SQL that is taken as it comes, so a real database reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.status: dict[int, str] = {}
        self.emails: dict[int, str] = {}
        self.lists: dict[int, dict[int, str]] = {}
        self.bounces: dict[int, list[dict[str, object]]] = {}
        self.queue: list[dict[str, object]] = []
        self.queue_is_slow = False
        self.bounces_enabled = True
        self.may_post_bounces = True
        self.action_on_hard = "blocklist"
        for email in ("alice@example.org", "bob@example.org"):
            self.subscribe(email)

    def subscribe(self, email: str) -> int:
        """Add a subscriber to both lists."""
        number = 10 + len(self.emails)
        self.emails[number], self.status[number] = email, "enabled"
        self.lists[number] = {LIST: "confirmed", OTHER_LIST: "confirmed"}
        self.bounces[number] = []
        return number

    def removed(self) -> set[str]:
        """Return who gets no mail of the first list."""
        return {
            self.emails[number]
            for number in self.emails
            if self.status[number] == "blocklisted" or self.lists[number].get(LIST) == "unsubscribed"
        }

    def respond(self, request: Request) -> Response:
        """Answer by path; the permission of bounces is one of its own."""
        right = "Basic " + b64encode(f"{USER}:{self.secret}".encode()).decode()
        if request.headers.get("Authorization") != right:
            return Response(403, {"message": "invalid API credentials"})
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["api", "subscribers"]:
                response = self._query(request.query.get("query", "true"))
            case "PUT", ["api", "subscribers", number, "blocklist"]:
                response = self._blocklist(int(number))
            case "PUT", ["api", "subscribers", "lists"]:
                response = self._unsubscribe(request.document)
            case "GET", ["api", "subscribers", number, "bounces"]:
                response = Response(200, {"data": self.bounces.get(int(number), [])})
            case "POST", ["webhooks", "bounce"]:
                response = self._bounce(request.document)
            case _:
                response = Response(404, {"message": "Not Found"})
        return response

    def _query(self, condition: str) -> Response:
        database = sqlite3.connect(":memory:")
        try:
            database.execute("CREATE TABLE subscribers (id INTEGER, email TEXT)")
            database.executemany("INSERT INTO subscribers VALUES (?, ?)", self.emails.items())
            rows = database.execute(f"SELECT id FROM subscribers WHERE {condition}").fetchall()  # noqa: S608 - as there
        except sqlite3.Error as error:
            return Response(400, {"message": f"error in query: {error}"})
        finally:
            database.close()
        results = [
            {
                "id": number,
                "email": self.emails[number],
                "status": self.status[number],
                "lists": [{"id": key, "subscription_status": state} for key, state in self.lists[number].items()],
            }
            for (number,) in rows
        ]
        return Response(200, {"data": {"results": results, "total": len(results), "page": 1, "per_page": 2}})

    def _blocklist(self, number: int) -> Response:
        if number not in self.emails:
            return Response(400, {"message": "Subscriber not found"})
        self._block(number)
        return Response(200, {"data": True}, changed=True)

    def _block(self, number: int) -> None:
        self.status[number] = "blocklisted"
        self.effects.append(self.emails[number])

    def _unsubscribe(self, document: dict[str, object]) -> Response:
        match document:
            case {"ids": [int(number)], "action": "unsubscribe", "target_list_ids": [int(key)]}:
                if key in self.lists.get(number, {}):
                    self.lists[number][key] = "unsubscribed"
                    self.effects.append(self.emails[number])
                return Response(200, {"data": True}, changed=True)
        return Response(400, {"message": "Invalid IDs"})

    def _bounce(self, document: dict[str, object]) -> Response:
        if not self.may_post_bounces:
            return Response(403, {"message": "permission denied: webhooks:post_bounce"})
        if not self.bounces_enabled:
            return Response(503, {"message": "bounce processing is not enabled"})
        if not document.get("email") or document.get("type") not in {"hard", "soft", "complaint"}:
            return Response(400, {"message": "Invalid data"})
        self.queue.append(document)
        if not self.queue_is_slow:
            self.work()
        return Response(200, {"data": True}, changed=True)

    def work(self) -> None:
        """Do what the queue's worker does: record, act; of strangers and of the blocklisted it records nothing."""
        for bounce in self.queue:
            for number, email in self.emails.items():
                if email == str(bounce["email"]).lower() and self.status[number] != "blocklisted":
                    self.bounces[number].append(bounce)
                    if bounce["type"] == "hard" and self.action_on_hard == "blocklist":
                        self._block(number)
        self.queue.clear()

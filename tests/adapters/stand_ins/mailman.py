"""A stand-in for the REST interface of Mailman 3, with the answers that 3.3.10 gave."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.adapters.stand_ins.server import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.adapters.stand_ins.server import Request

PASSWORD = "open sesame, says the test"  # noqa: S105 - the stand-in's
NEWS, TALK = "news.lists.example.org", "talk.lists.example.org"
STATUSES = ("enabled", "by_user", "by_bounces", "by_moderator", "unknown")
_NO_PATH = Response(404, {"title": "404 Not Found"})
_NOT_FOUND = Response(404, {"title": "404 Not Found", "description": "404 Not Found"})
_TAG = {"http_etag": '"9cffbbea0214da652400184625b5ee1e45cf71f7"'}


class StandIn:
    """Two lists; alice and bob are on the first."""

    def __init__(self) -> None:
        self.lists = [NEWS, TALK]
        self.places: list[tuple[str, str, str]] = []  # list, role, address
        self.statuses: dict[str, str | None] = {}  # by path of the resource that has preferences
        self.users: set[str] = set()
        self.password = PASSWORD
        self.mails: list[str] = []  # that Mailman would send on a change
        for address in ("alice@example.org", "bob@example.org"):
            self.join(NEWS, address)

    def join(self, list_id: str, address: str, role: str = "member") -> None:
        """Put an address on a list."""
        self.places.append((list_id, role, address.lower()))
        self.statuses.setdefault(f"addresses/{address.lower()}", None)
        self.statuses[self.member(list_id, address, role)] = None
        self.users.add(address.lower())

    def member(self, list_id: str, address: str, role: str = "member") -> str:
        """Return the path of a membership."""
        digits = f"{abs(hash((list_id, address.lower(), role))):032x}"
        return f"members/{digits[-32:]}"

    def delivery(self, list_id: str, address: str) -> str | None:
        """Return the status in effect: the member's own, the address's, the user's, the system's; None: not there."""
        if (list_id, "member", address) not in self.places:
            return None
        paths = (self.member(list_id, address), f"addresses/{address}", f"users/{address}")
        return next((found for path in paths if (found := self.statuses.get(path))), "enabled")

    def silent(self, addresses: Iterable[str]) -> set[str]:
        """Return who gets no mail of the first list."""
        return {one for one in addresses if self.delivery(NEWS, one) != "enabled"}

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        right = "Basic " + b64encode(f"restadmin:{self.password}".encode()).decode()
        if request.headers.get("Authorization") != right:
            return Response(401, {"title": "401 Unauthorized", "description": "REST API authorization failed"})
        path = unquote(request.path)
        return self._answer(request, path.removeprefix("/3.1/")) if path.startswith("/3.1/") else _NO_PATH

    def _answer(self, request: Request, path: str) -> Response:
        if path == "system/versions":
            return Response(200, {"mailman_version": "GNU Mailman 3.3.10 (Tom Sawyer)", "api_version": "3.1", **_TAG})
        if path == "members/find":
            return self._find(str(request.document["subscriber"]))
        if path.endswith("/preferences"):
            return self._preferences(request, path.removesuffix("/preferences"))
        if found := re.fullmatch(r"lists/([^/]+)(/roster/member)?", path):
            return self._list(request, found[1], found[2])
        return _NO_PATH

    def _find(self, subscriber: str) -> Response:
        wanted = re.compile(re.escape(subscriber.lower()).replace(r"\*", ".*"))  # `*` is a wildcard
        entries = [
            {
                "email": address,
                "list_id": list_id,
                "role": role,
                "member_id": self.member(list_id, address, role).removeprefix("members/"),
                "bounce_score": 0,
                **_TAG,
            }
            for list_id, role, address in self.places
            if wanted.fullmatch(address)
        ]
        # No key `entries` where there are none.
        return Response(
            200, {"start": 0, "total_size": len(entries), **({"entries": entries} if entries else {}), **_TAG}
        )

    def _preferences(self, request: Request, path: str) -> Response:
        if path.startswith("users/") and path.removeprefix("users/") in self.users:
            self.statuses.setdefault(path, None)
        path = path.lower()
        if path not in self.statuses:
            return _NO_PATH
        if request.method == "GET":
            status = self.statuses[path]
            return Response(200, {**({"delivery_status": status} if status else {}), "self_link": "…", **_TAG})
        status = str(request.document.get("delivery_status"))
        if status not in STATUSES:
            return Response(400, {"title": "400 Bad Request", "description": "Accepted Values are: enabled, …"})
        if path.startswith("members/") and status == "by_bounces":
            self.mails.append("Your subscription has been disabled")
        self.statuses[path] = status
        return Response(204, changed=True)

    def _list(self, request: Request, list_id: str, roster: str | None) -> Response:
        if list_id not in self.lists:
            return _NO_PATH if roster else _NOT_FOUND
        if request.method == "GET" and not roster:
            return Response(200, {"list_id": list_id, "fqdn_listname": list_id.replace(".", "@", 1), **_TAG})
        if request.method != "DELETE" or not roster:  # DELETE without a roster would delete the list
            return Response(405)
        emails = request.document["emails"]
        assert isinstance(emails, list)
        answer = {}
        for email in emails:  # this one call compares letter by letter
            place = (list_id, "member", email)
            answer[email] = place in self.places
            if answer[email]:
                self.places.remove(place)
        return Response(200, {**answer, **_TAG}, changed=True)

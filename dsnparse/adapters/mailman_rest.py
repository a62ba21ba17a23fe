"""What Mailman 3's REST interface (3.1) says of an address; every answer was found by running 3.3.10.

Its 404 means several things: a path that does not exist has the same body as an address that does not.  So whoever
calls these asks for the version first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from dsnparse.adapters.address import checked
from dsnparse.adapters.http import Reply, Unexpected, call, inner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.adapters.site import Site

__all__ = [
    "NOT_FOUND",
    "OFF",
    "OK",
    "STRANGE",
    "Membership",
    "State",
    "address_path",
    "has_list",
    "is_list_id",
    "read_state",
    "unusable",
    "user_status",
    "version",
]

OK: Final = 200
NOT_FOUND: Final = 404
OFF: Final = frozenset({"by_user", "by_bounces", "by_moderator", "unknown"})  # all but `enabled`: no mail
STRANGE: Final = "not what Mailman answers"
_MEMBER_ID: Final = re.compile(r"[0-9a-f]{32}")
# `*` is a wildcard to members/find, which would answer with other people; behind a `/`, even as %2F, the path ends, and
# the address is "not found" although it is there.
_UNNAMEABLE: Final = frozenset("*/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One place of an address on a list."""

    list_id: str
    role: str  # member, owner, moderator, nonmember
    path: str  # of the resource
    status: str | None = None  # a member's own delivery_status, which goes before the address's; None: none is set


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What Mailman knows of an address."""

    known: bool
    status: str | None = None  # the address's own delivery_status
    memberships: tuple[Membership, ...] = ()

    def of(self, *roles: str) -> tuple[Membership, ...]:
        """Return the places in some roles."""
        return tuple(one for one in self.memberships if one.role in roles)


def unusable(address: str) -> str:
    """Return why an address cannot be asked for, empty when it can."""
    if checked(address) != address:
        return "no address that can be handed over"
    return "holds a sign that Mailman's interface cannot be asked for" if _UNNAMEABLE & set(address) else ""


def is_list_id(value: object) -> bool:
    """Tell whether a value may be a list's id (RFC 2919 section 3), and can be shown to a person."""
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isascii() and value.isprintable()  # noqa: PLR2004


def address_path(address: str) -> str:
    """Return the path of an address."""
    return f"/addresses/{quote(address, safe='')}"


def version(to: Site) -> Reply:
    """Return the answer to what only Mailman answers so; raises Unexpected."""
    reply = call(to, "GET", "/system/versions")
    if reply.status != OK or not isinstance(inner(reply.data, "mailman_version"), str):
        notes = {NOT_FOUND: "no REST interface of Mailman 3: is the URL right?", OK: STRANGE}
        raise Unexpected(reply, notes.get(reply.status, ""))
    return reply


def read_state(to: Site, address: str) -> State:
    """Return what Mailman knows of an address; raises Unexpected."""
    memberships = tuple(
        replace(one, status=_status(to, one.path)) if one.role == "member" else one for one in _memberships(to, address)
    )
    try:
        return State(known=True, status=_status(to, address_path(address)), memberships=memberships)
    except Unexpected as unexpected:
        if memberships or not _says_not_found(unexpected.reply):
            raise
    return State(known=False)


def user_status(to: Site, address: str) -> str | None:
    """Return the delivery_status that the user of an address chose for all addresses; raises Unexpected."""
    try:
        return _status(to, f"/users/{quote(address, safe='')}")
    except Unexpected as unexpected:
        if not _says_not_found(unexpected.reply):
            raise
    return None  # an address without a user


def has_list(to: Site, list_id: str) -> bool:
    """Tell whether there is a list of this id; raises Unexpected."""
    reply = call(to, "GET", f"/lists/{quote(list_id, safe='')}")
    if _says_not_found(reply):
        return False
    if reply.status != OK or inner(reply.data, "list_id") is None:
        raise Unexpected(reply, STRANGE if reply.status == OK else "")
    return True


def _status(to: Site, path: str) -> str | None:
    """Return a resource's own delivery_status."""
    reply = call(to, "GET", f"{path}/preferences")
    status = inner(reply.data, "delivery_status")
    if reply.status != OK or not isinstance(reply.data, dict) or status not in {None, "enabled", *OFF}:
        raise Unexpected(reply, STRANGE if reply.status == OK else "")
    return status if isinstance(status, str) else None


def _memberships(to: Site, address: str) -> Iterator[Membership]:
    """Yield the places of an address, on all lists and in all roles."""
    reply = call(to, "POST", "/members/find", document={"subscriber": address})
    total, entries = inner(reply.data, "total_size"), inner(reply.data, "entries")
    if total == 0 and entries is None:  # there is no such key then
        entries = []
    if reply.status != OK or not isinstance(entries, list) or len(entries) != total:
        raise Unexpected(reply, STRANGE if reply.status == OK else "")
    for entry in entries:
        email, list_id, role, member_id = (inner(entry, key) for key in ("email", "list_id", "role", "member_id"))
        if not (isinstance(email, str) and isinstance(role, str) and is_list_id(list_id)):
            raise Unexpected(reply, STRANGE)
        if not isinstance(member_id, str) or not _MEMBER_ID.fullmatch(member_id):
            raise Unexpected(reply, STRANGE)
        if email.lower() == address.lower():
            yield Membership(list_id=str(list_id), role=role, path=f"/members/{member_id}")


def _says_not_found(reply: Reply) -> bool:
    """Tell whether this is Mailman's own 404; a proxy's is a page."""
    return reply.status == NOT_FOUND and inner(reply.data, "title") == "404 Not Found"

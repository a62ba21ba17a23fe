"""GNU Mailman 3 by its REST interface.

Disabling sets the *address's* preference `delivery_status` to `by_bounces`: it holds on every list, and other than the
same preference of a member it makes Mailman send no warnings and remove nobody later.  Removing does the same (mode
"address"), or takes the address from the roster without a goodbye mail (mode "roster").  Owners and moderators are
never touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from dsnparse.adapters.base import Answer, Outcome
from dsnparse.adapters.http import Reply, Unexpected, answer_of, call, in_turn, inner
from dsnparse.adapters.mailman_rest import (
    OFF,
    OK,
    address_path,
    has_list,
    is_list_id,
    read_state,
    unusable,
    user_status,
    version,
)
from dsnparse.adapters.site import Site, basic, site
from dsnparse.model import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsnparse.adapters.mailman_rest import Membership, State
    from dsnparse.model import Decision
    from dsnparse.settings import Table

__all__ = ["Mailman", "make"]

_API: Final = "/3.1"
_MODES: Final = ("address", "roster")
_NO_CONTENT: Final = 204
_SERVER_ERROR: Final = 500
_PROTECTED: Final = ("owner", "moderator")


@dataclass(frozen=True, slots=True)
class _Change:
    """One call that changes something."""

    method: str
    path: str
    document: object
    done: int  # the status of its success
    email: str = ""  # of a removal: its answer has a truth value for it


class Mailman:
    """One Mailman."""

    def __init__(self, to: Site, *, mode: str = "address", list_id: str = "") -> None:
        """Take where it is.

        mode: "address" or "roster"; list_id: the list that decisions mean, where they name it by another word.
        """
        self._to = to
        self._roster = mode == "roster"
        self._list_id = list_id
        self.one_list = self._roster

    @property
    def name(self) -> str:
        """The kind and the URL."""
        return f"mailman:{self._to.url}"

    def check(self) -> Answer:
        """Ask for the version, which needs the password."""
        try:
            version(self._to)
        except Unexpected as unexpected:
            return answer_of(self._to, unexpected.reply, unexpected.note)
        return Answer(outcome=Outcome.DONE)

    def apply(self, decisions: Sequence[Decision]) -> list[Answer]:
        """See `Adapter`."""
        met = False

        def one(decision: Decision) -> Answer:
            nonlocal met
            if problem := unusable(decision.address):
                return Answer(outcome=Outcome.BAD_REQUEST, detail=problem)
            if not met:  # a wrong URL would else make every address "not found"
                version(self._to)
                met = True
            return self._one(decision)

        return in_turn(self._to, decisions, one)

    def _one(self, decision: Decision) -> Answer:
        state = read_state(self._to, decision.address)
        answer = self._refusal(decision, state)
        if answer is not None:
            return answer
        changes = list(self._changes(decision, state))
        if not changes and decision.wanted is Wanted.RESTORE and self._is_gone(decision, state):
            detail = "not on the list any more: a person must subscribe it again"
            return Answer(outcome=Outcome.BAD_REQUEST, detail=detail)
        if not changes:
            return Answer(outcome=Outcome.ALREADY, detail=_as_it_is(decision, state))
        for change in changes:
            reply = call(self._to, change.method, change.path, document=change.document)
            if reply.status != change.done or not _agrees(change, reply):
                if _in_doubt(reply) and self._holds(decision):
                    break
                raise Unexpected(reply)
        return Answer(outcome=Outcome.DONE)

    def _holds(self, decision: Decision) -> bool:
        """Read back whether a call, the answer to which did not come, was carried out."""
        try:
            return not list(self._changes(decision, read_state(self._to, decision.address)))
        except Unexpected:
            return False

    def _refusal(self, decision: Decision, state: State) -> Answer | None:
        """Return the answer where nothing may be done."""
        protected = self._within(decision, state.of(*_PROTECTED))
        if protected and decision.wanted is not Wanted.RESTORE:
            detail = f"{protected[0].role} of {protected[0].list_id}: a person must decide"
            return Answer(outcome=Outcome.REFUSED, detail=detail)
        wanted = self._list(decision) if self._removes(decision) else ""
        if wanted and not self._within(decision, state.of("member")) and not has_list(self._to, wanted):
            detail = f"{self._to.host}: no such list; set list_id, such as news.lists.example.org"
            return Answer(outcome=Outcome.REFUSED, detail=detail)
        return None if state.known else Answer(outcome=Outcome.NOT_FOUND)

    def _list(self, decision: Decision) -> str:
        """Return the list of a decision as Mailman names it, empty for all; a roster alone is of one list."""
        return (self._list_id or decision.list).replace("@", ".").lower() if self._roster else ""

    def _removes(self, decision: Decision) -> bool:
        return self._roster and decision.wanted is Wanted.REMOVE

    def _within(self, decision: Decision, memberships: Sequence[Membership]) -> list[Membership]:
        """Return those that a decision changes: disabling holds on all lists."""
        wanted = self._list(decision) if self._removes(decision) else ""
        return [one for one in memberships if not wanted or one.list_id.lower() == wanted]

    def _is_gone(self, decision: Decision, state: State) -> bool:
        """Tell whether an address was taken off the list, so that nothing can bring it back."""
        wanted = self._list(decision)
        if not wanted or not state.of("member"):
            return not state.of("member")
        return all(one.list_id.lower() != wanted for one in state.of("member")) and has_list(self._to, wanted)

    def _changes(self, decision: Decision, state: State) -> Iterator[_Change]:
        """Yield the calls that lead from a state to what is wanted: none when it is so already."""
        if self._removes(decision):
            gone = self._within(decision, state.of("member"))
            for list_id in dict.fromkeys(one.list_id for one in gone):
                yield _removal(list_id, decision.address)
            if state.status == "by_bounces" and len(gone) == len(state.of("member")):
                # What an earlier decision disabled would else meet whoever subscribes this address again one day.
                yield self._enabling(decision.address)
        elif decision.wanted is Wanted.RESTORE:
            if state.status == "by_bounces":
                yield self._enabling(decision.address)
            for one in state.of("member"):
                if one.status == "by_bounces":
                    yield _setting(one.path, "enabled")
        elif decision.wanted in {Wanted.DISABLE, Wanted.REMOVE}:
            yield from _disabling(decision.address, state)

    def _enabling(self, address: str) -> _Change:
        """Return the call that takes by_bounces back, without overruling what the user chose for all addresses."""
        status = user_status(self._to, address)
        return _setting(address_path(address), status if status in {"by_user", "by_moderator"} else "enabled")


def make(table: Table) -> Mailman:
    """Make one from `url`, `user`, `password_file` or `password_env`, `mode`, `list_id`, `timeout`, `ca_file`."""
    user = table.text("user", "restadmin")
    if ":" in user or not user.isprintable():  # RFC 7617 section 2
        error = table.bad("user", "must be a name without a colon")
        raise error
    password = table.secret("password")
    if password is None:
        error = table.bad("password_file", "is missing: the file that holds admin_pass of mailman.cfg, [webservice]")
        raise error
    mode = table.choice("mode", _MODES, "address")
    list_id = table.text("list_id", "")
    if list_id and not is_list_id(list_id):
        error = table.bad("list_id", "must be a list's id, such as news.lists.example.org")
        raise error
    to = site(table, headers=basic(user, password))
    return Mailman(replace(to, url=to.url.removesuffix(_API) + _API), mode=mode, list_id=list_id)


def _disabling(address: str, state: State) -> Iterator[_Change]:
    members = state.of("member")
    if members and state.status not in OFF:
        yield _setting(address_path(address), "by_bounces")
    for one in members:
        if one.status == "enabled":  # set by hand, and so goes before what the address says
            yield _setting(one.path, "by_bounces")


def _setting(path: str, status: str) -> _Change:
    return _Change("PATCH", f"{path}/preferences", {"delivery_status": status}, _NO_CONTENT)


def _removal(list_id: str, address: str) -> _Change:
    email = address.lower()  # this call alone knows addresses in lower case only
    return _Change("DELETE", f"/lists/{quote(list_id, safe='')}/roster/member", {"emails": [email]}, OK, email)


def _agrees(change: _Change, reply: Reply) -> bool:
    """Tell whether the answer to a removal tells of the address: true, or false where it was gone by then."""
    return not change.email or isinstance(inner(reply.data, change.email), bool)


def _in_doubt(reply: Reply) -> bool:
    """Tell whether a call may have been carried out although there was no good answer."""
    return (not reply.status and not reply.hopeless) or reply.status == OK or reply.status >= _SERVER_ERROR


def _as_it_is(decision: Decision, state: State) -> str:
    """Tell what was found where that is not simply what is wanted."""
    if decision.wanted is Wanted.RESTORE:
        found = {state.status, *(one.status for one in state.memberships)} & OFF
        return f"no mail, but not for bounces: {', '.join(sorted(map(str, found)))}" if found else ""
    return "" if state.of("member") else "on no list"

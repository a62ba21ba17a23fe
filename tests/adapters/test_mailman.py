"""The adapter for Mailman 3 against the stand-in; tests/e2e/mailman has the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.adapters.mailman import Mailman
from dsnparse.adapters.site import Site, basic
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.mailman import NEWS, PASSWORD, TALK, StandIn
from tests.adapters.stand_ins.server import Response, Server
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault, decision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter
    from tests.adapters.stand_ins.server import Request


@pytest.fixture
def system() -> StandIn:
    return StandIn()


@pytest.fixture
def server(system: StandIn) -> Iterator[Server]:
    with Server(system) as server:
        yield server


def mailman(server: Server, *, mode: str = "address", list_id: str = "") -> Mailman:
    to = Site(url=f"{server.url}/3.1", headers=basic("restadmin", PASSWORD), timeout=0.3)
    return Mailman(to, mode=mode, list_id=list_id)


class _Contract(AdapterContract):
    secrets = (PASSWORD,)
    mode = "address"

    @pytest.fixture
    def adapter(self, system: StandIn, server: Server) -> Adapter:
        self.system, self.server = system, server
        return mailman(server, mode=self.mode)

    def removed(self, adapter: Adapter) -> set[str]:
        """Ask for the status in effect."""
        assert adapter.name == f"mailman:{self.server.url}/3.1"
        return self.system.silent([ALICE, BOB])

    def reached(self, adapter: Adapter) -> Sequence[object]:
        """Return the requests."""
        del adapter
        return self.server.requests

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        """Let the server fail, or change its password."""
        del adapter
        if fault is Fault.WRONG_SECRET:
            self.system.password = "another"  # noqa: S105 - the stand-in's
        else:
            self.server.fail(fault)

    def mend(self, adapter: Adapter) -> None:
        """Undo that."""
        del adapter
        self.system.password = PASSWORD
        self.server.mend()


class TestAddress(_Contract):
    """By the address's own preference."""

    @pytest.mark.parametrize("wanted", [Wanted.REMOVE, Wanted.DISABLE])
    def test_mailman_sends_no_mail_of_its_own(self, adapter: Adapter, wanted: Wanted) -> None:
        """A member's preference would make it warn the dead address three times."""
        adapter.apply(self.decide(wanted, ALICE))
        assert self.system.mails == []


class TestRoster(_Contract):
    """By the roster; the decisions name no list."""

    mode = "roster"


class TestRosterOfOneList(TestRoster):
    """By the roster of one list, in the form that people write."""

    list_name = "news@lists.example.org"


def one(adapter: Adapter, wanted: Wanted, address: str, list_name: str = "") -> tuple[Outcome, str]:
    (answer,) = adapter.apply([decision(wanted, address, list_name)])
    return answer.outcome, answer.detail


def test_a_capital_letter_is_no_other_address(system: StandIn, server: Server) -> None:
    adapter = mailman(server, mode="roster")
    assert one(adapter, Wanted.REMOVE, "Alice@example.org") == (Outcome.DONE, "")
    assert one(mailman(server), Wanted.DISABLE, "BOB@example.org") == (Outcome.DONE, "")
    assert system.delivery(NEWS, ALICE) is None
    assert system.delivery(NEWS, BOB) == "by_bounces"


@pytest.mark.parametrize(
    "address", ["carol+news@example.org", "o'brien@example.org", "ann%41@example.org", "a?b@x.org"]
)
@pytest.mark.parametrize("mode", ["address", "roster"])
def test_signs_in_an_address_are_no_signs_of_a_url(system: StandIn, server: Server, address: str, mode: str) -> None:
    system.join(NEWS, address)
    assert one(mailman(server, mode=mode), Wanted.REMOVE, address) == (Outcome.DONE, "")
    assert system.silent([ALICE, BOB, address]) == {address}


@pytest.mark.parametrize("mode", ["address", "roster"])
@pytest.mark.parametrize("address", ["a*e@example.org", "al/ice@example.org", "alice*@example.org"])
def test_a_wildcard_and_a_slash_are_not_sent(system: StandIn, server: Server, address: str, mode: str) -> None:
    """Mailman takes the first for `everybody like this`; with the second it says that a member is not there."""
    system.join(NEWS, address)
    outcome, detail = one(mailman(server, mode=mode), Wanted.REMOVE, address)
    assert outcome is Outcome.BAD_REQUEST
    assert detail
    assert server.requests == []


@pytest.mark.parametrize("role", ["owner", "moderator"])
@pytest.mark.parametrize("mode", ["address", "roster"])
@pytest.mark.parametrize("wanted", [Wanted.DISABLE, Wanted.REMOVE])
def test_owners_and_moderators_are_not_touched(
    system: StandIn, server: Server, role: str, mode: str, wanted: Wanted
) -> None:
    system.join(TALK, ALICE, role)
    outcome, detail = one(mailman(server, mode=mode), wanted, ALICE)
    assert (outcome, detail) == (Outcome.REFUSED, f"{role} of {TALK}: a person must decide")
    assert system.silent([ALICE, BOB]) == set()


def test_who_owns_another_list_may_leave_the_roster_of_this_one(system: StandIn, server: Server) -> None:
    system.join(TALK, ALICE, "owner")
    adapter = mailman(server, mode="roster")
    assert one(adapter, Wanted.REMOVE, ALICE, TALK)[0] is Outcome.REFUSED
    assert one(adapter, Wanted.REMOVE, ALICE, NEWS) == (Outcome.DONE, "")
    assert (TALK, "owner", ALICE) in system.places


def test_a_nonmember_is_no_member(system: StandIn, server: Server) -> None:
    system.join(NEWS, "carol@example.org", "nonmember")
    for mode in ("address", "roster"):
        outcome, detail = one(mailman(server, mode=mode), Wanted.REMOVE, "carol@example.org")
        assert (outcome, detail) == (Outcome.ALREADY, "on no list")
    assert (NEWS, "nonmember", "carol@example.org") in system.places


def test_a_removal_without_a_list_is_from_all_lists_and_one_with_a_list_from_that(
    system: StandIn, server: Server
) -> None:
    for address in (ALICE, BOB):
        system.join(TALK, address)
    adapter = mailman(server, mode="roster")
    assert one(adapter, Wanted.REMOVE, ALICE) == (Outcome.DONE, "")
    assert one(adapter, Wanted.REMOVE, BOB, TALK) == (Outcome.DONE, "")
    assert system.places == [(NEWS, "member", BOB)]


def test_a_list_may_be_named_in_the_settings(system: StandIn, server: Server) -> None:
    system.join(TALK, ALICE)
    adapter = mailman(server, mode="roster", list_id=TALK)
    assert one(adapter, Wanted.REMOVE, ALICE, "our talk") == (Outcome.DONE, "")
    assert system.delivery(NEWS, ALICE) == "enabled"


def test_a_list_that_is_not_there_is_no_removal(system: StandIn, server: Server) -> None:
    outcome, detail = one(mailman(server, mode="roster"), Wanted.REMOVE, ALICE, "news")
    assert outcome is Outcome.REFUSED
    assert "no such list" in detail
    assert system.delivery(NEWS, ALICE) == "enabled"


def test_not_on_this_list_but_known(system: StandIn, server: Server) -> None:
    assert one(mailman(server, mode="roster"), Wanted.REMOVE, ALICE, TALK)[0] is Outcome.ALREADY
    assert system.delivery(NEWS, ALICE) == "enabled"


def test_what_a_member_has_set_goes_before_the_address_and_so_is_set_too(system: StandIn, server: Server) -> None:
    system.join(TALK, ALICE)
    system.statuses[system.member(NEWS, ALICE)] = "enabled"
    adapter = mailman(server)
    assert one(adapter, Wanted.DISABLE, ALICE) == (Outcome.DONE, "")
    assert system.delivery(NEWS, ALICE) == system.delivery(TALK, ALICE) == "by_bounces"
    assert one(adapter, Wanted.RESTORE, ALICE) == (Outcome.DONE, "")
    assert system.delivery(NEWS, ALICE) == system.delivery(TALK, ALICE) == "enabled"


@pytest.mark.parametrize("status", ["by_user", "by_moderator"])
@pytest.mark.parametrize("level", ["address", "member"])
def test_who_is_off_by_another_hand_stays_so(system: StandIn, server: Server, status: str, level: str) -> None:
    path = f"addresses/{ALICE}" if level == "address" else system.member(NEWS, ALICE)
    system.statuses[path] = status
    adapter = mailman(server)
    one(adapter, Wanted.DISABLE, ALICE)
    assert system.delivery(NEWS, ALICE) == status
    one(adapter, Wanted.RESTORE, ALICE)
    assert system.delivery(NEWS, ALICE) == status
    assert one(adapter, Wanted.RESTORE, ALICE) == (Outcome.ALREADY, f"no mail, but not for bounces: {status}")


def test_a_restored_address_does_not_overrule_its_user(system: StandIn, server: Server) -> None:
    system.statuses[f"users/{ALICE}"] = "by_user"
    adapter = mailman(server)
    assert one(adapter, Wanted.DISABLE, ALICE)[0] is Outcome.DONE
    assert one(adapter, Wanted.RESTORE, ALICE)[0] is Outcome.DONE
    assert system.delivery(NEWS, ALICE) == "by_user"


def test_who_subscribes_again_after_a_removal_gets_mail(system: StandIn, server: Server) -> None:
    system.join(TALK, ALICE)
    adapter = mailman(server, mode="roster")
    assert one(adapter, Wanted.DISABLE, ALICE)[0] is Outcome.DONE
    assert one(adapter, Wanted.REMOVE, ALICE, NEWS)[0] is Outcome.DONE
    assert system.delivery(TALK, ALICE) == "by_bounces"
    assert one(adapter, Wanted.REMOVE, ALICE, TALK)[0] is Outcome.DONE
    system.join(NEWS, ALICE)
    assert system.delivery(NEWS, ALICE) == "enabled"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_removed_subscription_does_not_come_back_and_that_is_said(
    system: StandIn, server: Server, *, elsewhere: bool
) -> None:
    if elsewhere:
        system.join(TALK, ALICE)
    adapter = mailman(server, mode="roster")
    assert one(adapter, Wanted.REMOVE, ALICE, NEWS)[0] is Outcome.DONE
    outcome, detail = one(adapter, Wanted.RESTORE, ALICE, NEWS)
    assert outcome is Outcome.BAD_REQUEST
    assert "subscribe it again" in detail


def test_a_disabled_one_is_restored_whatever_its_list_is_called(system: StandIn, server: Server) -> None:
    adapter = mailman(server, mode="roster")
    assert one(adapter, Wanted.DISABLE, ALICE, "our news")[0] is Outcome.DONE
    assert one(adapter, Wanted.RESTORE, ALICE, "our news")[0] is Outcome.DONE
    assert one(adapter, Wanted.RESTORE, ALICE, "our news")[0] is Outcome.ALREADY
    assert system.delivery(NEWS, ALICE) == "enabled"


def test_a_wrong_path_is_not_a_list_of_strangers(server: Server) -> None:
    """Mailman itself answers 404 there, with the same words."""
    adapter = Mailman(Site(url=f"{server.url}/rest", headers=basic("restadmin", PASSWORD), timeout=0.3))
    outcome, detail = one(adapter, Wanted.DISABLE, ALICE)
    assert outcome is Outcome.REFUSED
    assert "is the URL right?" in detail
    assert adapter.check().outcome is Outcome.REFUSED


ANSWERS = [
    (Response(302, None, headers={"Location": "http://198.51.100.1/"}), Outcome.REFUSED),
    (Response(400, {"title": "400 Bad Request"}), Outcome.BAD_REQUEST),
    (Response(401, {"title": "401 Unauthorized"}), Outcome.REFUSED),
    (Response(403, {"title": "403 Forbidden"}), Outcome.REFUSED),
    (Response(404, raw=b"HTTP/1.0 404 Not Found\r\n\r\n<h1>404 Not Found</h1>"), Outcome.REFUSED),  # a proxy's
    (Response(409, {"title": "409 Conflict"}), Outcome.REFUSED),
    (Response(429, {"title": "429 Too Many Requests"}, headers={"Retry-After": "30"}), Outcome.RETRY),
    (Response(500, {"title": "500 Internal Server Error"}), Outcome.RETRY),
    (Response(503, raw=b"HTTP/1.0 503 \r\n\r\n<h1>Be right back</h1>"), Outcome.RETRY),
    (Response(200, raw=b"HTTP/1.0 200 OK\r\n\r\n"), Outcome.RETRY),
    (Response(200, {"delivery_status": "perhaps", "total_size": 1, "entries": [{"email": ALICE}]}), Outcome.RETRY),
    (Response(200, []), Outcome.RETRY),
]


@pytest.mark.parametrize(("strange", "outcome"), ANSWERS, ids=lambda one: getattr(one, "status", None))
@pytest.mark.parametrize("at", ["members/find", "/preferences", "/roster/member"])
def test_no_answer_but_mailmans_own_is_taken_for_one(
    system: StandIn, strange: Response, outcome: Outcome, at: str
) -> None:
    def answer(request: Request) -> Response:
        return strange if request.path.endswith(at) else system(request)

    with Server(answer) as server:
        met, detail = one(mailman(server, mode="roster"), Wanted.REMOVE, ALICE)
    assert met is outcome
    assert detail
    assert system.delivery(NEWS, ALICE) == "enabled"


@pytest.mark.parametrize(("strange", "outcome"), ANSWERS, ids=lambda one: getattr(one, "status", None))
@pytest.mark.parametrize("at", ["members/find", "/preferences"])
def test_a_stranger_is_one_by_mailmans_own_word_only(
    system: StandIn, strange: Response, outcome: Outcome, at: str
) -> None:
    def answer(request: Request) -> Response:
        return strange if request.path.endswith(at) else system(request)

    with Server(answer) as server:
        assert one(mailman(server), Wanted.DISABLE, "stranger@example.net")[0] is outcome


def test_a_gateway_that_gave_up_waiting_is_read_back(system: StandIn) -> None:
    def answer(request: Request) -> Response:
        response = system(request)
        return Response(504) if response.changed else response

    with Server(answer) as server:
        assert one(mailman(server), Wanted.DISABLE, ALICE) == (Outcome.DONE, "")
        assert one(mailman(server, mode="roster"), Wanted.REMOVE, BOB) == (Outcome.DONE, "")


def table(tmp_path: Path, **keys: object) -> Table:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    values = {"type": "mailman", "url": "http://127.0.0.1:8001", "password_file": "password", **keys}
    return Table({key: value for key, value in values.items() if value is not None}, "adapter[0]", tmp_path)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001", "http://127.0.0.1:8001/", "http://127.0.0.1:8001/3.1/"])
def test_the_version_of_the_interface_need_not_be_written(tmp_path: Path, url: str) -> None:
    adapter = make(table(tmp_path, url=url))
    assert adapter.name == "mailman:http://127.0.0.1:8001/3.1"
    assert PASSWORD not in repr(adapter)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"url": "http://restadmin:restpass@127.0.0.1:8001"}, "adapter[0].url: "),
        ({"url": None}, "adapter[0].url: "),
        ({"password": "in the open"}, "adapter[0].password: "),
        ({"password_file": None}, "adapter[0].password_file: "),
        ({"user": "rest:admin"}, "adapter[0].user: "),
        ({"mode": "member"}, "adapter[0].mode: "),
        ({"list_id": "news\n"}, "adapter[0].list_id: "),
        ({"lisd_id": NEWS}, "adapter[0].lisd_id: "),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, keys: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as error:
        make(table(tmp_path, **keys))
    assert str(error.value).startswith(problem)
    assert "restpass" not in str(error.value)
    assert "in the open" not in str(error.value)

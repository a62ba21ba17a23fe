from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.listmonk import Listmonk
from dsnparse.adapters.site import Site, basic
from dsnparse.errors import ConfigError
from dsnparse.model import BounceType, Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.contract import SECRET, ServedContract
from tests.adapters.stand_ins.listmonk import LIST, OTHER_LIST, USER, ListmonkStandIn
from tests.adapters.stand_ins.server import Request, Response, Server
from tests.contracts.adapter import decision, removal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsnparse.adapters import Adapter

ALICE = "alice@example.org"


def listmonk(url: str, mode: str = "blocklist") -> Listmonk:
    to = Site(url=url, headers=basic(USER, SECRET), timeout=0.2)
    return Listmonk(to, mode, LIST if mode == "unsubscribe" else 0)


class _Contract(ServedContract):
    """The contract for each mode."""

    kind = ListmonkStandIn
    mode = "blocklist"
    disables = False  # for a time only
    restores = False

    @pytest.fixture
    def adapter(self) -> Adapter:
        return listmonk(self.stand_in.server.url, self.mode)


class TestBlocklist(_Contract):
    """No mail at all."""


class TestUnsubscribe(_Contract):
    """No mail of one list."""

    mode = "unsubscribe"


class TestRecord(_Contract):
    """A bounce, of which listmonk's own settings make what they will: here, to blocklist at the first hard one."""

    mode = "record"
    disables = True


@pytest.fixture
def stand_in() -> Iterator[ListmonkStandIn]:
    one = ListmonkStandIn()
    with one.server:
        yield one


def told(stand_in: ListmonkStandIn, mode: str, address: str = ALICE) -> Answer:
    (answer,) = listmonk(stand_in.server.url, mode).apply([removal(address)])
    return answer


def test_a_disable_without_end_is_done(stand_in: ListmonkStandIn) -> None:
    forever = replace(decision(Wanted.DISABLE, ALICE), until=None)
    assert listmonk(stand_in.server.url).apply([forever])[0].outcome is Outcome.DONE
    assert stand_in.removed() == {ALICE}


@pytest.mark.parametrize("mode", ["blocklist", "unsubscribe"])
def test_nobody_is_switched_off_for_a_time_where_nothing_switches_on_again(
    stand_in: ListmonkStandIn, mode: str
) -> None:
    (answer,) = listmonk(stand_in.server.url, mode).apply([decision(Wanted.DISABLE, ALICE)])
    assert answer.outcome is Outcome.BAD_REQUEST
    assert "takes this back" in answer.detail
    assert stand_in.server.requests == []


@pytest.mark.parametrize("address", ["o'hara@example.org", "o''x@example.org", "a%27b@example.org", "a_%b@example.org"])
def test_quotes_and_wildcards_are_letters_of_the_address(stand_in: ListmonkStandIn, address: str) -> None:
    stand_in.subscribe(address)
    assert told(stand_in, "blocklist", address).outcome is Outcome.DONE
    assert stand_in.removed() == {address}


def test_capital_letters_tell_nobody_apart(stand_in: ListmonkStandIn) -> None:
    stand_in.subscribe("jane.doe@example.org")
    assert told(stand_in, "blocklist", "Jane.Doe@example.org").outcome is Outcome.DONE
    assert stand_in.removed() == {"jane.doe@example.org"}


def test_only_the_list_is_left(stand_in: ListmonkStandIn) -> None:
    assert told(stand_in, "unsubscribe").outcome is Outcome.DONE
    assert stand_in.lists[10] == {LIST: "unsubscribed", OTHER_LIST: "confirmed"}
    assert stand_in.status[10] == "enabled"


def test_who_is_on_other_lists_only_is_not_found(stand_in: ListmonkStandIn) -> None:
    del stand_in.lists[10][LIST]
    assert told(stand_in, "unsubscribe").outcome is Outcome.NOT_FOUND
    assert stand_in.effects == []


@pytest.mark.parametrize("mode", ["blocklist", "unsubscribe", "record"])
def test_who_is_blocklisted_gets_no_mail_already(stand_in: ListmonkStandIn, mode: str) -> None:
    stand_in.status[10] = "blocklisted"
    assert told(stand_in, mode).outcome is Outcome.ALREADY
    assert {request.method for request in stand_in.server.requests} == {"GET"}


def test_a_success_that_changes_nothing_is_none(stand_in: ListmonkStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in, "_block", lambda _: None)
    answer = told(stand_in, "blocklist")
    assert answer.outcome is Outcome.RETRY
    assert answer.detail.endswith(": it changed nothing")


def test_who_is_deleted_meanwhile_is_not_found(stand_in: ListmonkStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def delete(number: int) -> Response:
        del stand_in.emails[number]
        return Response(400, {"message": "Subscriber not found"})

    monkeypatch.setattr(stand_in, "_blocklist", delete)
    assert told(stand_in, "blocklist").outcome is Outcome.NOT_FOUND


def test_a_bad_request_about_who_is_there_is_one(stand_in: ListmonkStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in, "_blocklist", lambda _: Response(400))
    answer = told(stand_in, "blocklist")
    assert answer.outcome is Outcome.BAD_REQUEST
    assert answer.detail.endswith(": 400 Bad Request")


def test_what_is_recorded(stand_in: ListmonkStandIn) -> None:
    once = removal(ALICE, diagnostic="550 \x1b no\udcff" + "x" * 600)
    listmonk(stand_in.server.url, "record").apply([once])
    (bounce,) = stand_in.bounces[10]
    assert bounce == {
        "email": ALICE,
        "source": "dsnparse",
        "type": "hard",
        "created_at": "2026-01-02T03:04:05+00:00",
        "meta": {
            "dsnparse": once.id,
            "status": "5.1.1",
            "reason": "user_unknown",
            "diagnostic": "550 \x1b no?" + "x" * 491,
        },
    }


@pytest.mark.parametrize(
    ("bounce_type", "feedback_type", "recorded"),
    [
        (BounceType.HARD, None, "hard"),
        (BounceType.SOFT, None, "soft"),
        (None, None, "soft"),
        (None, "abuse", "complaint"),
    ],
)
def test_what_kind_is_recorded(
    stand_in: ListmonkStandIn, bounce_type: BounceType | None, feedback_type: str | None, recorded: str
) -> None:
    once = removal(ALICE)
    once = replace(once, event=replace(once.event, bounce_type=bounce_type, feedback_type=feedback_type))
    listmonk(stand_in.server.url, "record").apply([once])
    assert [bounce["type"] for bounce in stand_in.bounces[10]] == [recorded]


def test_a_bounce_is_recorded_once_though_nothing_comes_of_it(stand_in: ListmonkStandIn) -> None:
    stand_in.action_on_hard = "none"
    assert [told(stand_in, "record").outcome for _ in range(3)] == [Outcome.DONE, Outcome.ALREADY, Outcome.ALREADY]
    assert len(stand_in.bounces[10]) == 1


def test_a_bounce_that_waits_in_the_queue_is_looked_for_again(stand_in: ListmonkStandIn) -> None:
    stand_in.queue_is_slow = True
    answer = told(stand_in, "record")
    assert answer.outcome is Outcome.RETRY
    assert answer.detail.endswith(": it took the bounce, and has not recorded it yet")
    stand_in.work()
    assert told(stand_in, "record").outcome is Outcome.ALREADY
    assert len(stand_in.bounces[10]) == 1


def test_bounces_that_are_switched_off_there(stand_in: ListmonkStandIn) -> None:
    stand_in.bounces_enabled = False
    for answer in (told(stand_in, "record"), listmonk(stand_in.server.url, "record").check()):
        assert answer.outcome is Outcome.RETRY
        assert answer.detail.endswith("503 Service Unavailable (perhaps because bounces are not enabled there)")


def test_a_user_that_may_read_and_not_post_is_told_before_the_first_bounce(stand_in: ListmonkStandIn) -> None:
    stand_in.may_post_bounces = False
    assert listmonk(stand_in.server.url, "record").check().outcome is Outcome.REFUSED
    assert listmonk(stand_in.server.url, "blocklist").check().outcome is Outcome.DONE


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": []},
        {"data": {"results": None, "total": 0}},
        {"data": {"results": []}},
        {"data": {"results": [], "total": 7}},
        {"data": {"results": [], "total": "0"}},
        {"data": {"results": [None], "total": 1}},
        {"data": {"results": [{"id": 1, "email": "bob@example.org", "status": "enabled"}], "total": 1}},
        {"data": {"results": [{"id": "1/../2", "email": ALICE, "status": "enabled"}], "total": 1}},
        {"data": {"results": [{"id": -1, "email": ALICE, "status": "enabled"}], "total": 1}},
        {"data": {"results": [{"id": 1, "email": ALICE}], "total": 1}},
        {"data": {"results": [{"id": 1, "email": ALICE, "status": "enabled"}] * 2, "total": 2}},
    ],
)
@pytest.mark.parametrize("mode", ["blocklist", "unsubscribe", "record"])
def test_an_answer_that_is_not_about_the_subscriber_changes_nothing(document: object, mode: str) -> None:
    with Server(lambda _: Response(200, document)) as server:
        (answer,) = listmonk(server.url, mode).apply([removal(ALICE)])
        assert answer.outcome is Outcome.RETRY
        assert [request.method for request in server.requests] == ["GET"]


def test_a_subscriber_of_whom_no_lists_are_told_is_left(stand_in: ListmonkStandIn) -> None:
    def answer(_: Request) -> Response:
        return Response(200, {"data": {"results": [{"id": 1, "email": ALICE, "status": "enabled"}], "total": 1}})

    with Server(answer) as server:
        (result,) = listmonk(server.url, "unsubscribe").apply([removal(ALICE)])
        assert result.outcome is Outcome.RETRY
        assert [request.method for request in server.requests] == ["GET"]
    assert stand_in.effects == []


def test_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    values = {"type": "listmonk", "url": "https://news.example.org/", "user": USER, "token_file": "token"}
    assert make(Table(values, "a", tmp_path)).name == "listmonk:https://news.example.org"
    one_list = make(Table({**values, "mode": "unsubscribe", "list_id": 3}, "a", tmp_path))
    assert one_list.name == "listmonk:https://news.example.org list 3"


def test_the_token_goes_out_as_basic_authentication(stand_in: ListmonkStandIn) -> None:
    listmonk(stand_in.server.url).check()
    word, _, encoded = stand_in.server.requests[0].headers["Authorization"].partition(" ")
    assert (word, b64decode(encoded).decode()) == ("Basic", f"{USER}:{SECRET}")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"mode": "delete"}, "mode"),
        ({"mode": "unsubscribe"}, "list_id"),
        ({"mode": "unsubscribe", "list_id": 0}, "list_id"),
        ({"mode": "unsubscribe", "list_id": "3"}, "list_id"),
        ({"list_id": 3}, "list_id"),  # a list that would be ignored
        ({"user": None}, "user"),
        ({"token_env": None}, "token_file"),
        ({"token": SECRET}, "token"),
        ({"url": "ftp://example.org"}, "url"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSNPARSE_TEST_TOKEN", SECRET)
    good = {"type": "listmonk", "url": "https://example.org", "user": USER, "token_env": "DSNPARSE_TEST_TOKEN"}
    given = {name: value for name, value in {**good, **values}.items() if value is not None}
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: ") as raised:
        make(Table(given, "adapter[0]"))
    assert SECRET not in str(raised.value)


def test_a_fault_in_the_middle_of_three_calls(stand_in: ListmonkStandIn) -> None:
    calls: list[str] = []

    def answer(request: Request) -> Response:
        calls.append(request.method)
        return Response(502) if len(calls) == 3 else stand_in.respond(request)

    with Server(answer) as server:
        adapter = listmonk(server.url)
        assert adapter.apply([removal(ALICE)])[0].outcome is Outcome.RETRY
        assert calls == ["GET", "PUT", "GET"]
        assert adapter.apply([removal(ALICE)])[0].outcome is Outcome.ALREADY
    assert stand_in.effects == [ALICE]

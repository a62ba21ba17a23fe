from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.mautic import Mautic
from dsnparse.adapters.site import Site, basic
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.contract import SECRET, ServedContract
from tests.adapters.stand_ins.mautic import USER, MauticStandIn
from tests.adapters.stand_ins.server import Response, Server
from tests.contracts.adapter import decision, removal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsnparse.adapters import Adapter

ALICE = "alice@example.org"


def mautic(url: str) -> Mautic:
    return Mautic(Site(url=url, headers=basic(USER, SECRET), timeout=0.2))


class TestContract(ServedContract):
    """The contract."""

    kind = MauticStandIn

    @pytest.fixture
    def adapter(self) -> Adapter:
        """Return it."""
        return mautic(self.stand_in.server.url)


@pytest.fixture
def stand_in() -> Iterator[MauticStandIn]:
    one = MauticStandIn()
    with one.server:
        yield one


def told(stand_in: MauticStandIn, wanted: Wanted = Wanted.REMOVE, address: str = ALICE) -> Answer:
    (answer,) = mautic(stand_in.server.url).apply([decision(wanted, address)])
    return answer


def mark(reason: int, comments: str = "", channel: str = "email") -> dict[str, object]:
    return {"reason": reason, "comments": comments, "channel": channel}


def test_the_mark_says_that_it_is_ours_and_why(stand_in: MauticStandIn) -> None:
    told(stand_in)
    assert stand_in.marks[47] == [mark(2, f"dsnparse {removal(ALICE).id}: user_unknown 5.1.1")]


def test_the_mark_of_a_complaint_says_so(stand_in: MauticStandIn) -> None:
    once = removal(ALICE)
    event = replace(once.event, reason=None, status=None, feedback_type="abuse")
    mautic(stand_in.server.url).apply([replace(once, event=event)])
    assert stand_in.marks[47] == [mark(2, f"dsnparse {once.id}: abuse")]


@pytest.mark.parametrize("address", ["o'hara@example.org", "a&where[0][col]=id@example.org", "a+b%27@example.org"])
def test_every_letter_of_an_address_arrives(stand_in: MauticStandIn, address: str) -> None:
    stand_in.emails[49], stand_in.marks[49] = address, []
    expected = Outcome.BAD_REQUEST if "[" in address else Outcome.DONE
    assert told(stand_in, address=address).outcome is expected
    assert stand_in.removed() == ({address} if expected is Outcome.DONE else set())


def test_every_contact_with_the_address_is_meant(stand_in: MauticStandIn) -> None:
    stand_in.emails[49], stand_in.marks[49] = "Alice@example.org", []
    assert told(stand_in).outcome is Outcome.DONE
    assert [len(stand_in.marks[number]) for number in (47, 48, 49)] == [1, 0, 1]
    assert told(stand_in).outcome is Outcome.ALREADY
    assert told(stand_in, Wanted.RESTORE).outcome is Outcome.DONE
    assert stand_in.removed() == set()


@pytest.mark.parametrize("reason", [1, 2, 3])
def test_who_is_not_mailed_is_so_already_for_whatever_reason(stand_in: MauticStandIn, reason: int) -> None:
    stand_in.marks[47] = [mark(reason)]
    assert told(stand_in).outcome is Outcome.ALREADY
    assert stand_in.marks[47] == [mark(reason)]


def test_a_mark_for_another_channel_stops_no_mail_and_stays(stand_in: MauticStandIn) -> None:
    stand_in.marks[47] = [mark(1, channel="sms")]
    assert told(stand_in).outcome is Outcome.DONE
    assert told(stand_in, Wanted.RESTORE).outcome is Outcome.DONE
    assert stand_in.marks[47] == [mark(1, channel="sms")]
    assert told(stand_in, Wanted.RESTORE).outcome is Outcome.ALREADY


@pytest.mark.parametrize(
    "marks",
    [
        [mark(1)],
        [mark(3, "dsnparse of whom a person wrote")],
        [mark(2, "Mautic's own bounce")],
        [mark(2, "dsnparse 1: user_unknown"), mark(1)],
    ],
)
def test_what_others_set_is_not_taken_back(stand_in: MauticStandIn, marks: list[dict[str, object]]) -> None:
    stand_in.marks[47] = marks
    answer = told(stand_in, Wanted.RESTORE)
    assert answer.outcome is Outcome.BAD_REQUEST
    assert answer.detail
    assert stand_in.marks[47] == marks


@pytest.mark.parametrize("wanted", [Wanted.REMOVE, Wanted.RESTORE])
def test_a_success_that_changes_nothing_is_none(
    stand_in: MauticStandIn, monkeypatch: pytest.MonkeyPatch, wanted: Wanted
) -> None:
    if wanted is Wanted.RESTORE:
        told(stand_in)
    monkeypatch.setattr(stand_in, "_change", lambda *_: Response(200, {"contact": {}}))
    answer = told(stand_in, wanted)
    assert answer.outcome is Outcome.RETRY
    assert answer.detail.endswith(": it changed nothing")


def test_who_is_deleted_meanwhile_is_not_found(stand_in: MauticStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def delete(number: int, *_: object) -> Response:
        del stand_in.emails[number]
        return Response(404)

    monkeypatch.setattr(stand_in, "_change", delete)
    assert told(stand_in).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Outcome.BAD_REQUEST), (403, Outcome.REFUSED), (429, Outcome.RETRY), (500, Outcome.RETRY)],
)
def test_what_an_error_means(
    stand_in: MauticStandIn, monkeypatch: pytest.MonkeyPatch, status: int, outcome: Outcome
) -> None:
    monkeypatch.setattr(stand_in, "_change", lambda *_: Response(status))
    assert told(stand_in).outcome is outcome


def test_a_user_that_may_only_read_is_refused(stand_in: MauticStandIn) -> None:
    stand_in.may_edit = False
    assert told(stand_in).outcome is Outcome.REFUSED
    assert stand_in.removed() == set()


def test_a_wrong_path_is_no_missing_contact() -> None:
    with Server(lambda _: Response(404, {"errors": []})) as server:
        adapter = mautic(server.url)
        assert adapter.apply([removal(ALICE)])[0].outcome is Outcome.REFUSED
        assert adapter.check().outcome is Outcome.REFUSED


CONTACT = {"id": 47, "fields": {"all": {"email": ALICE}}, "doNotContact": []}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"contacts": []},
        {"total": "7", "contacts": []},
        {"total": "0", "contacts": None},
        {"total": "1", "contacts": {"48": {**CONTACT, "fields": {"all": {"email": "bob@example.org"}}}}},
        {"total": "1", "contacts": {"47": {**CONTACT, "id": "47/../48"}}},
        {"total": "1", "contacts": {"47": {**CONTACT, "doNotContact": None}}},
        {"total": "1", "contacts": {"47": {"id": 47, "doNotContact": []}}},
        {"total": "1", "contacts": {"47": None}},
        {"total": "2", "contacts": {"47": CONTACT}},
        {"total": "2", "contacts": {"47": CONTACT, "48": {**CONTACT, "fields": {"all": {"email": "b@example.org"}}}}},
    ],
)
@pytest.mark.parametrize("wanted", [Wanted.REMOVE, Wanted.RESTORE])
def test_an_answer_that_is_not_about_the_contact_changes_nothing(document: object, wanted: Wanted) -> None:
    with Server(lambda _: Response(200, document)) as server:
        (answer,) = mautic(server.url).apply([decision(wanted, ALICE)])
        assert answer.outcome is Outcome.RETRY
        assert [request.method for request in server.requests] == ["GET"]


def test_settings(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(SECRET)
    values = {"type": "mautic", "url": "https://crm.example.org", "user": USER, "password_file": "password"}
    assert make(Table(values, "a", tmp_path)).name == "mautic:https://crm.example.org"


@pytest.mark.parametrize(
    ("values", "key"),
    [({"user": None}, "user"), ({"password_env": None}, "password_file"), ({"password": SECRET}, "password")],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSNPARSE_TEST_PASSWORD", SECRET)
    good = {"type": "mautic", "url": "https://example.org", "user": USER, "password_env": "DSNPARSE_TEST_PASSWORD"}
    given = {name: value for name, value in {**good, **values}.items() if value is not None}
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: ") as raised:
        make(Table(given, "adapter[0]"))
    assert SECRET not in str(raised.value)

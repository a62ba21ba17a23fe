"""Mailman, Postfix, an MX, Postfix's reports in a Maildir, `dsnparse run`, Mailman; and the adapter's contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Adapter, Outcome, make
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault, decision
from tests.e2e.command import dsnparse_command
from tests.e2e.mailman.chain import ALIVE, BLOCKED, DEAD, EDITOR, LATER, SILENT, TARGET, Chain, chain
from tests.e2e.mailman.server import LIST, PASSWORD, Rest, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.e2e
_CONFIG = """\
[ledger]
path = "ledger.sqlite3"

[source]
paths = ["{maildir}"]

[[list]]
name = "news"
list_ids = ["{list}"]

[[adapter]]
type = "mailman"
url = "{url}"
password_file = "password"
"""


@pytest.fixture(scope="module")
def made() -> Iterator[Chain]:
    with chain(back=False) as made:
        yield made


def test_of_a_mail_to_seven_the_one_whose_address_is_dead_is_disabled(made: Chain, tmp_path: Path) -> None:
    made.post()
    maildir = made.maildir / "new"
    # Refused: dead and blocked.  Tried again for some seconds: a warning and then a report of each of the two others.
    until(lambda: len(list(maildir.iterdir())) == 6, f"six reports in {maildir}")
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "dsnparse.toml").write_text(_CONFIG.format(maildir=made.maildir, list=LIST, url=made.rest.url))

    looked = dsnparse_command(tmp_path, "run", "--config", "dsnparse.toml", "--no-settle")
    assert looked.returncode == 0, looked.stderr.decode()
    assert set(made.statuses().values()) == {"enabled"}

    acted = dsnparse_command(tmp_path, "run", "--config", "dsnparse.toml", "--live", "--no-settle")
    assert acted.returncode == 0, acted.stdout.decode() + acted.stderr.decode()
    expected = dict.fromkeys((ALIVE, BLOCKED, LATER, SILENT, EDITOR, TARGET), "enabled")
    assert made.statuses() == {**expected, DEAD.lower(): "by_bounces"}
    assert list(maildir.iterdir()) == []
    assert PASSWORD.encode() not in acted.stdout + acted.stderr

    again = dsnparse_command(tmp_path, "run", "--config", "dsnparse.toml", "--live", "--no-settle")
    assert again.returncode == 0, again.stdout.decode() + again.stderr.decode()
    assert made.statuses() == {**expected, DEAD.lower(): "by_bounces"}


def test_the_same_reports_within_mailman_disable_the_same_address(made: Chain, tmp_path: Path) -> None:
    """And Mailman sends no probes here, as it does by default."""
    assert made.rest.call("PATCH", f"lists/{LIST}/config", bounce_score_threshold=1)[0] == 204
    assert one(adapter_for(made.rest, tmp_path), Wanted.RESTORE, DEAD) is Outcome.DONE
    assert set(made.statuses().values()) == {"enabled"}
    reports = [path.read_text() for path in (made.maildir / "cur").iterdir()]
    assert len(reports) == 6
    for text in reports:
        assert made.rest.call("POST", "queues/bounces", list_id=LIST, text=text)[0] == 201
    said = ("user_unknown", "no failure: delayed", "the address may live")
    until(lambda: [made.log.count(words) for words in said] == [1, 2, 3], f"six reports: {made.log}")
    until(lambda: made.rest.delivery(DEAD) == "by_bounces", f"the dead address: {made.log}")
    statuses = made.statuses()
    assert statuses.pop(DEAD.lower()) == "by_bounces"
    assert set(statuses.values()) == {"enabled"}
    assert {score for member, score in made.rest.members().items() if member != DEAD.lower()} == {0}


def adapter_for(rest: Rest, folder: Path, **keys: str) -> Adapter:
    (folder / "password").write_text(keys.pop("password", PASSWORD))
    return make(Table({"type": "mailman", "url": rest.url, "password_file": "password", **keys}, folder=folder))


class _Real(AdapterContract):
    secrets = (PASSWORD,)
    mode = "address"
    without = {  # noqa: RUF012 - a class variable of the contract
        **dict.fromkeys(Fault, "the stand-in can be made to fail, Mailman cannot"),
        "test_hostile_address": "the stand-in shows that nothing reaches it",
    }

    @pytest.fixture
    def adapter(self, made: Chain, tmp_path: Path) -> Adapter:
        self.rest = made.rest
        for one in (ALICE, BOB):
            self.rest.call("DELETE", f"addresses/{one}")
            self.rest.subscribe(one)
        return adapter_for(self.rest, tmp_path, mode=self.mode)

    def removed(self, adapter: Adapter) -> set[str]:
        """Ask Mailman."""
        del adapter
        members = self.rest.members()
        return {one for one in (ALICE, BOB) if one not in members or self.rest.delivery(one) != "enabled"}


class TestAddress(_Real):
    """By the address's own preference."""


class TestRoster(_Real):
    """By the roster."""

    mode = "roster"
    list_name = LIST


@pytest.fixture
def rest(made: Chain) -> Rest:
    return made.rest


def one(adapter: Adapter, wanted: Wanted, address: str, list_name: str = "") -> Outcome:
    (answer,) = adapter.apply([decision(wanted, address, list_name)])
    return answer.outcome


def test_a_wrong_password_and_a_wrong_path_are_refused(rest: Rest, tmp_path: Path) -> None:
    wrong = [adapter_for(rest, tmp_path, password="another")]  # noqa: S106 - a wrong one
    wrong += [adapter_for(rest, tmp_path, url=rest.url + path) for path in ("../3.9/", "rest")]
    for adapter in wrong:
        assert adapter.check().outcome is Outcome.REFUSED
        assert one(adapter, Wanted.REMOVE, ALIVE) is Outcome.REFUSED
    assert rest.delivery(ALIVE) == "enabled"


@pytest.mark.parametrize("mode", ["address", "roster"])
@pytest.mark.parametrize(
    "address", ["carol+news@example.org", "o'brien@example.org", "ann%41@example.org", "a?b@x.org"]
)
def test_signs_in_an_address_are_no_signs_of_a_url(rest: Rest, tmp_path: Path, address: str, mode: str) -> None:
    rest.subscribe(address)
    written = address[0].upper() + address[1:]
    assert one(adapter_for(rest, tmp_path, mode=mode), Wanted.REMOVE, written) is Outcome.DONE
    _, found = rest.call("POST", "members/find", subscriber=address)
    if mode == "address":
        _, preferences = rest.call("GET", f"members/{found['entries'][0]['member_id']}/all/preferences")
        assert preferences["delivery_status"] == "by_bounces"
        rest.call("DELETE", f"lists/{LIST}/roster/member", emails=[address])
        adapter_for(rest, tmp_path).apply([decision(Wanted.RESTORE, address)])
    else:
        assert found["total_size"] == 0


def test_a_wildcard_meets_nobody(rest: Rest, tmp_path: Path) -> None:
    _, found = rest.call("POST", "members/find", subscriber="c*@example.net")
    assert found["total_size"] > 0  # why it is not sent
    assert one(adapter_for(rest, tmp_path, mode="roster"), Wanted.REMOVE, "c*@example.net") is Outcome.BAD_REQUEST


def test_an_owner_is_not_touched(rest: Rest, tmp_path: Path) -> None:
    rest.subscribe("owner@example.org")
    rest.subscribe("owner@example.org", "owner")
    for mode in ("address", "roster"):
        assert one(adapter_for(rest, tmp_path, mode=mode), Wanted.REMOVE, "owner@example.org") is Outcome.REFUSED
    assert rest.delivery("owner@example.org") == "enabled"


def test_a_members_own_setting_is_overruled_and_given_back(rest: Rest, tmp_path: Path) -> None:
    _, member = rest.call("GET", f"lists/{LIST}/member/{EDITOR}")
    rest.call("PATCH", f"members/{member['member_id']}/preferences", delivery_status="enabled")
    adapter = adapter_for(rest, tmp_path)
    assert one(adapter, Wanted.DISABLE, EDITOR) is Outcome.DONE
    assert rest.delivery(EDITOR) == "by_bounces"
    assert one(adapter, Wanted.RESTORE, EDITOR) is Outcome.DONE
    assert rest.delivery(EDITOR) == "enabled"


@pytest.mark.parametrize("level", ["addresses", "users"])
def test_who_wants_no_mail_gets_none_after_a_restore(rest: Rest, tmp_path: Path, level: str) -> None:
    address = f"{level}@example.org"
    rest.subscribe(address)
    assert rest.call("PATCH", f"{level}/{address}/preferences", delivery_status="by_user")[0] == 204
    adapter = adapter_for(rest, tmp_path)
    one(adapter, Wanted.DISABLE, address)
    one(adapter, Wanted.RESTORE, address)
    assert rest.delivery(address) == "by_user"


def test_who_subscribes_again_after_a_removal_gets_mail(rest: Rest, tmp_path: Path) -> None:
    rest.subscribe("again@example.org")
    adapter = adapter_for(rest, tmp_path, mode="roster")
    assert one(adapter, Wanted.DISABLE, "again@example.org") is Outcome.DONE
    assert one(adapter, Wanted.REMOVE, "again@example.org", "news@lists.example.org") is Outcome.DONE
    rest.subscribe("again@example.org")
    assert rest.delivery("again@example.org") == "enabled"


def test_a_list_that_is_not_there_is_refused(rest: Rest, tmp_path: Path) -> None:
    adapter = adapter_for(rest, tmp_path, mode="roster")
    assert one(adapter, Wanted.REMOVE, ALIVE, "nothing.example.org") is Outcome.REFUSED
    assert ALIVE in rest.members()


def test_none_of_all_this_made_mailman_write_to_a_dead_address(made: Chain) -> None:
    """No goodbye, no warning: only the editor and who lives ever had a mail."""
    assert made.delivered == {ALIVE, EDITOR, TARGET}

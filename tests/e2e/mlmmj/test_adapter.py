from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault, decision
from tests.e2e.servers import SERVERS, needed, open_folder

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.adapters import Adapter

pytestmark = pytest.mark.e2e
PROGRAMS = SERVERS / "mlmmj" / "usr" / "bin"
FOLDERS = ("subscribers.d", "digesters.d", "nomailsubs.d", "control", "text", "queue", "bounce", "subconf", "unsubconf")


class MailingList:
    """One list of mlmmj's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FOLDERS:
            (folder / name).mkdir(parents=True)
        (folder / "control/listaddress").write_text("news@lists.example.org\n")
        (folder / "control/owner").write_text("owner@example.org\n")
        for address in (ALICE, BOB):
            self.run("sub", "-a", address, "-f", "-s", "-q")

    def run(self, verb: str, *words: str, **keys: int) -> str:
        """Run one of mlmmj's commands."""
        command = [PROGRAMS / f"mlmmj-{verb}", "-L", self.folder, *words]
        done = subprocess.run(command, capture_output=True, check=True, timeout=20, **keys)  # type: ignore[call-overload]
        return str(done.stdout.decode())

    def adapter(self, *, resubscribe: bool = False) -> Adapter:
        values = {"folder": str(self.folder), "programs": str(PROGRAMS), "resubscribe": resubscribe}
        return make(Table({"type": "mlmmj", **values}))


@pytest.fixture
def news(tmp_path: Path) -> MailingList:
    needed("mlmmj", PROGRAMS / "mlmmj-unsub")
    return MailingList(tmp_path / "news")


def told(adapter: Adapter, wanted: Wanted, address: str = ALICE) -> Outcome:
    (answer,) = adapter.apply([decision(wanted, address)])
    return answer.outcome


class TestContract(AdapterContract):
    """The contract."""

    repeats: ClassVar = {Wanted.REMOVE: Outcome.NOT_FOUND}
    without: ClassVar = {
        **dict.fromkeys(Fault, "the stand-in can be made to fail, mlmmj cannot"),
        "test_hostile_address": "the stand-in shows that nothing reaches it",
    }

    @pytest.fixture
    def adapter(self, news: MailingList) -> Adapter:
        self.news = news
        return news.adapter()

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {ALICE, BOB} - set(self.news.run("list").split())


def test_nobody_gets_a_mail_of_all_this(news: MailingList) -> None:
    adapter = news.adapter(resubscribe=True)
    for wanted in (Wanted.DISABLE, Wanted.RESTORE, Wanted.REMOVE, Wanted.REMOVE, Wanted.RESTORE):
        told(adapter, wanted)
    assert list((news.folder / "queue").iterdir()) == []
    assert sorted(news.run("list").split()) == [ALICE, BOB]


def test_a_member_of_every_version(news: MailingList) -> None:
    news.run("sub", "-a", "Dora@example.org", "-d", "-f", "-s", "-q")
    news.run("sub", "-a", "both@example.org", "-b", "-f", "-s", "-q")
    news.run("sub", "-a", "quiet@example.org", "-n", "-f", "-s", "-q")
    adapter = news.adapter()
    assert told(adapter, Wanted.DISABLE, "quiet@example.org") is Outcome.ALREADY
    for address in ("dora@example.org", "both@example.org"):
        assert told(adapter, Wanted.DISABLE, address) is Outcome.DONE
    assert news.run("list", "-d") == ""
    assert sorted(news.run("list", "-n").split()) == ["both@example.org", "dora@example.org", "quiet@example.org"]
    for address in ("DORA@example.org", "both@example.org", "quiet@example.org"):
        assert told(adapter, Wanted.REMOVE, address) is Outcome.DONE
    assert news.run("list", "-n") == ""


@pytest.mark.parametrize("address", ["o'hara+x=%@example.org", "j\xf6rg@example.org", "a{b}|c@example.org"])
def test_signs_in_an_address(news: MailingList, address: str) -> None:
    news.run("sub", "-a", address, "-f", "-s", "-q")
    adapter = news.adapter()
    assert told(adapter, Wanted.DISABLE, address) is Outcome.DONE
    assert told(adapter, Wanted.RESTORE, address) is Outcome.DONE
    assert told(adapter, Wanted.REMOVE, address) is Outcome.DONE
    assert sorted(news.run("list").split()) == [ALICE, BOB]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be others")
def test_why_the_owner_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user meets a list without members, and success everywhere."""
    needed("mlmmj", PROGRAMS / "mlmmj-unsub")
    for folder in open_folder():
        news = MailingList(folder / "news")
        for path in (news.folder / "subscribers.d").iterdir():
            path.chmod(0o600)
        other = {"user": 65534, "group": 65534}
        assert news.run("list", **other) == ""
        news.run("unsub", "-a", ALICE, "-s", "-q", **other)
        assert sorted(news.run("list").split()) == [ALICE, BOB]
        monkeypatch.setattr(os, "geteuid", lambda: 65534)
        assert told(news.adapter(), Wanted.REMOVE) is Outcome.REFUSED

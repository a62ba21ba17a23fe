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
    from collections.abc import Iterator
    from pathlib import Path

    from dsnparse.adapters import Adapter

pytestmark = pytest.mark.e2e
PROGRAM = SERVERS / "couriermlm" / "couriermlm"
_NOBODY = 65534
_ROOT = os.geteuid() == 0
# Of a list whose owner is not root, as it should be.
_OWNER = {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()} if _ROOT else {}


class MailingList:
    """One list of couriermlm's."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        if _ROOT:
            os.chown(folder, _NOBODY, _NOBODY)
        self.folder = folder / "news"
        self.run("create", "ADDRESS=news@lists.example.org")
        for address in (ALICE, BOB):
            self.run("sub", address)

    def run(self, verb: str, *words: str) -> str:
        """Run couriermlm as the owner."""
        done = subprocess.run(  # type: ignore[call-overload]
            [PROGRAM, verb, self.folder, *words], input=b"", capture_output=True, check=True, timeout=20, **_OWNER
        )
        return str(done.stdout.decode())

    def members(self) -> set[str]:
        return {line.split()[0] for line in self.run("lsub").splitlines()}

    def adapter(self, *, resubscribe: bool = False) -> Adapter:
        values = {"folder": str(self.folder), "program": str(PROGRAM), "resubscribe": resubscribe}
        return make(Table({"type": "couriermlm", **values}))


@pytest.fixture
def news() -> Iterator[MailingList]:
    needed("couriermlm", PROGRAM)
    for folder in open_folder():
        yield MailingList(folder / "lists")


def told(adapter: Adapter, wanted: Wanted = Wanted.REMOVE, address: str = ALICE) -> Outcome:
    (answer,) = adapter.apply([decision(wanted, address)])
    return answer.outcome


class TestContract(AdapterContract):
    """The contract, as it is set by default."""

    disables = False
    restores = False
    resubscribe = False
    repeats: ClassVar = {Wanted.REMOVE: Outcome.NOT_FOUND, Wanted.DISABLE: Outcome.NOT_FOUND}
    without: ClassVar = {
        **dict.fromkeys(Fault, "the stand-in can be made to fail, couriermlm cannot"),
        "test_hostile_address": "the stand-in shows that nothing reaches it",
    }

    @pytest.fixture
    def adapter(self, news: MailingList) -> Adapter:
        self.news = news
        return news.adapter(resubscribe=self.resubscribe)

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {ALICE, BOB} - self.news.members()


class TestResubscribing(TestContract):
    """The contract where an address may be subscribed again."""

    disables = True
    restores = True
    resubscribe = True


@pytest.mark.parametrize("address", ["o'hara+x=%@example.org", "j\xf6rg@example.org", "Carol@Example.org"])
def test_signs_in_an_address(news: MailingList, address: str) -> None:
    news.run("sub", address)
    adapter = news.adapter(resubscribe=True)
    sent = address.replace("Example", "example")
    assert told(adapter, address=sent) is Outcome.DONE
    assert news.members() == {ALICE, BOB}
    assert told(adapter, Wanted.RESTORE, sent) is Outcome.DONE
    assert told(adapter, Wanted.RESTORE, sent) is Outcome.ALREADY


def test_a_folder_that_is_no_list_is_refused(news: MailingList) -> None:
    """Couriermlm itself shows an empty list there."""
    empty = news.folder.parent / "empty"
    empty.mkdir()
    adapter = make(Table({"type": "couriermlm", "folder": str(empty), "program": str(PROGRAM)}))
    assert told(adapter) is Outcome.REFUSED
    missing = make(Table({"type": "couriermlm", "folder": str(empty / "x"), "program": str(PROGRAM)}))
    assert told(missing) is Outcome.REFUSED


def test_whatever_is_written_belongs_to_the_lists_owner(news: MailingList) -> None:
    adapter = news.adapter(resubscribe=True)
    for wanted, address in (
        (Wanted.REMOVE, ALICE),
        (Wanted.RESTORE, ALICE),
        (Wanted.REMOVE, BOB),
        (Wanted.RESTORE, "new@other.example.net"),
    ):
        assert told(adapter, wanted, address) is Outcome.DONE
    owner = news.folder.stat().st_uid
    assert {path.stat().st_uid for path in news.folder.rglob("*")} == {owner}
    (note,) = [path for path in (news.folder / "unsublist").iterdir() if ALICE in path.read_text()]
    assert f"dsnparse remove {decision(Wanted.REMOVE, ALICE).id}" in note.read_text()


def test_another_user_is_refused(news: MailingList, monkeypatch: pytest.MonkeyPatch) -> None:
    """Couriermlm itself exits with 0 for one who may read the list and not change it, and changes nothing."""
    adapter = news.adapter()
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    assert told(adapter) is Outcome.REFUSED
    assert news.members() == {ALICE, BOB}

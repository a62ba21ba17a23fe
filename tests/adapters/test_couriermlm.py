from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.adapters.couriermlm import CourierMlm
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.program_contract import ProgramContract, lines_of
from tests.adapters.stand_ins.programs import COURIER, Programs
from tests.contracts.adapter import ALICE, BOB, decision

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.adapters import Adapter


def made(folder: Path, *, resubscribe: bool = False) -> CourierMlm:
    (folder / "list/sublist").mkdir(parents=True)
    (folder / "list/sublist/misc").write_text(f"{ALICE}\n{BOB}\n")
    return CourierMlm(str(folder / "list"), program=str(folder / "couriermlm"), resubscribe=resubscribe, timeout=0.8)


class TestContract(ProgramContract):
    """The contract, as it is set by default."""

    scripts: ClassVar = COURIER
    disables = False
    restores = False

    def build(self, folder: Path) -> Adapter:
        return made(folder)

    def mailed(self) -> set[str]:
        return lines_of(self.folder / "list/sublist")


class TestResubscribing(TestContract):
    """The contract where an address may be subscribed again, and so may be disabled."""

    disables = True
    restores = True
    repeats: ClassVar = {Wanted.REMOVE: Outcome.NOT_FOUND, Wanted.DISABLE: Outcome.NOT_FOUND}

    def build(self, folder: Path) -> Adapter:
        return made(folder, resubscribe=True)


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path, COURIER)


def told(adapter: Adapter, wanted: Wanted = Wanted.REMOVE, address: str = ALICE) -> Outcome:
    (answer,) = adapter.apply([decision(wanted, address)])
    return answer.outcome


def test_the_note_that_couriermlm_keeps_names_the_decision(tmp_path: Path, programs: Programs) -> None:
    del programs
    told(made(tmp_path))
    assert (tmp_path / "list/notes").read_text() == f"dsnparse remove {decision(Wanted.REMOVE, ALICE).id}\n"


def test_a_folder_that_is_no_list_is_not_an_empty_list(tmp_path: Path, programs: Programs) -> None:
    """`couriermlm lsub` of such a folder exits with 0."""
    (tmp_path / "empty").mkdir()
    adapter = CourierMlm(str(tmp_path / "empty"), program=str(tmp_path / "couriermlm"))
    assert told(adapter) is Outcome.REFUSED
    assert programs.lines("words") == []


def test_who_is_neither_root_nor_the_owner_is_refused(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Couriermlm would exit with 0 and do nothing."""
    adapter = made(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert told(adapter) is Outcome.REFUSED
    assert adapter.check().outcome is Outcome.REFUSED
    assert programs.lines("words") == []


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("exit 0", Outcome.RETRY),  # and nothing changed
        ("exit 9", Outcome.NOT_FOUND),
        ("exit 70", Outcome.REFUSED),
        ("exit 1", Outcome.RETRY),
        ("kill -9 $$", Outcome.RETRY),
    ],
)
def test_exit_statuses(tmp_path: Path, programs: Programs, line: str, outcome: Outcome) -> None:
    del programs
    adapter = made(tmp_path)
    path = tmp_path / "couriermlm"
    path.write_text(path.read_text().replace("unsub)", f"unsub) {line};"))
    assert told(adapter) is outcome


@pytest.mark.parametrize("line", ["alice@example.org", "alice@example.org (22-Nov-2026", "(22-Nov-2026)", "Error"])
def test_a_line_that_is_no_member_makes_it_no_list(tmp_path: Path, programs: Programs, line: str) -> None:
    adapter = made(tmp_path)
    path = tmp_path / "couriermlm"
    path.write_text(path.read_text().replace("lsub)", f"lsub) echo '{line}';"))
    assert told(adapter, address="stranger@example.net") is Outcome.RETRY
    assert programs.lines("effects") == []


def test_settings(tmp_path: Path) -> None:
    adapter = make(Table({"type": "couriermlm", "folder": "news"}, "adapter[0]", tmp_path))
    assert adapter.name == f"couriermlm:{tmp_path}/news"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "folder"),
        ({"folder": "x", "timeout": "0s"}, "timeout"),
        ({"folder": "x", "program": "a\nb"}, "program"),
        ({"folder": "x", "disable_removes": True}, "disable_removes"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "couriermlm", **values}, "adapter[0]"))

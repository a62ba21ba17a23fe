from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.adapters.mlmmj import Mlmmj
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.program_contract import ProgramContract, lines_of
from tests.adapters.stand_ins.programs import MLMMJ, Programs
from tests.contracts.adapter import ALICE, BOB, decision

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.adapters import Adapter

FOLDERS = ("subscribers.d", "digesters.d", "nomailsubs.d")


def made(folder: Path, *, resubscribe: bool = False, timeout: float = 0.8) -> Mlmmj:
    for name in FOLDERS:
        (folder / "list" / name).mkdir(parents=True)
    (folder / "list/subscribers.d/a").write_text(f"{ALICE}\n")
    (folder / "list/subscribers.d/b").write_text(f"{BOB}\n")
    return Mlmmj(str(folder / "list"), programs=str(folder), resubscribe=resubscribe, timeout=timeout)


class TestContract(ProgramContract):
    """The contract."""

    scripts: ClassVar = MLMMJ

    def build(self, folder: Path) -> Adapter:
        return made(folder)

    def mailed(self) -> set[str]:
        return lines_of(*(self.folder / "list" / name for name in FOLDERS[:2]))


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path, MLMMJ)


def told(adapter: Adapter, wanted: Wanted, address: str = ALICE) -> Outcome:
    (answer,) = adapter.apply([decision(wanted, address)])
    return answer.outcome


def test_nobody_is_written_to_and_every_path_is_whole(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path)
    (tmp_path / "words").write_text("")
    told(adapter, Wanted.DISABLE)
    told(adapter, Wanted.REMOVE)
    words = " ".join(programs.lines("words"))
    assert f"-L {tmp_path}/list -s -q -f -n -a {ALICE}" in words
    assert f"-L {tmp_path}/list -s -q -a {ALICE}" in words


def test_a_disabled_member_stays_one(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path)
    assert told(adapter, Wanted.DISABLE) is Outcome.DONE
    assert lines_of(tmp_path / "list/nomailsubs.d") == {ALICE}


def test_who_wanted_no_mail_is_left_so(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path)
    (tmp_path / "list/nomailsubs.d/c").write_text("carol@example.org\n")
    assert told(adapter, Wanted.DISABLE, "carol@example.org") is Outcome.ALREADY
    assert programs.lines("effects") == []


def test_a_member_of_the_digest_and_in_capitals_is_one(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path)
    (tmp_path / "list/digesters.d/d").write_text("dora@example.org\n")
    assert told(adapter, Wanted.DISABLE, "Dora@example.org") is Outcome.DONE
    assert lines_of(tmp_path / "list/digesters.d") == set()
    assert told(adapter, Wanted.REMOVE, "DORA@example.org") is Outcome.DONE


def test_who_left_is_subscribed_again_only_if_the_owner_allows_it(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path)
    assert told(adapter, Wanted.REMOVE) is Outcome.DONE
    assert told(adapter, Wanted.RESTORE) is Outcome.BAD_REQUEST
    (tmp_path / "other").mkdir()
    Programs(tmp_path / "other", MLMMJ)
    allowed = made(tmp_path / "other", resubscribe=True)
    assert told(allowed, Wanted.REMOVE) is Outcome.DONE
    assert told(allowed, Wanted.RESTORE) is Outcome.DONE
    assert told(allowed, Wanted.RESTORE) is Outcome.ALREADY


def test_an_exit_of_0_that_changed_nothing_is_no_success(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path)
    for name in ("mlmmj-sub", "mlmmj-unsub"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 0\n")
    del programs
    assert told(adapter, Wanted.DISABLE) is Outcome.RETRY
    assert told(adapter, Wanted.REMOVE) is Outcome.RETRY


def test_a_failed_exit_that_changed_the_list_is_one(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path)
    path = tmp_path / "mlmmj-unsub"
    path.write_text(path.read_text() + "exit 1\n")
    del programs
    assert told(adapter, Wanted.REMOVE) is Outcome.DONE


def test_a_list_that_mlmmj_would_see_empty_is_refused(
    tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its commands then exit with 0 and name nobody."""
    adapter = made(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, _: "subscribers.d/b" not in str(path))
    assert told(adapter, Wanted.REMOVE) is Outcome.REFUSED
    assert adapter.check().outcome is Outcome.REFUSED
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert told(adapter, Wanted.REMOVE) is Outcome.REFUSED
    assert programs.lines("words") == []


def test_a_folder_that_is_no_list_is_refused(tmp_path: Path, programs: Programs) -> None:
    adapter = Mlmmj(str(tmp_path), programs=str(tmp_path))
    assert told(adapter, Wanted.REMOVE) is Outcome.REFUSED
    assert programs.lines("words") == []


def test_disable_then_remove_in_one_batch(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path)
    answers = adapter.apply([decision(wanted, ALICE) for wanted in (Wanted.DISABLE, Wanted.REMOVE, Wanted.DISABLE)])
    assert [answer.outcome for answer in answers] == [Outcome.DONE, Outcome.DONE, Outcome.NOT_FOUND]
    assert programs.lines("effects") == [ALICE, ALICE]


def test_three_commands_that_do_not_end_end_a_batch(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path, timeout=0.2)
    addresses = [f"a{number}@example.org" for number in range(6)]
    (tmp_path / "list/subscribers.d/a").write_text("\n".join(addresses) + "\n")
    (tmp_path / "mlmmj-unsub").write_text(f"#!/bin/sh\necho called >> {tmp_path}/calls\nsleep 5\n")
    answers = adapter.apply([decision(Wanted.REMOVE, address) for address in addresses])
    assert [answer.outcome for answer in answers] == [Outcome.RETRY] * 6
    assert len(programs.lines("calls")) == 3


def test_settings(tmp_path: Path) -> None:
    adapter = make(Table({"type": "mlmmj", "folder": "news", "resubscribe": True}, "adapter[0]", tmp_path))
    assert adapter.name == f"mlmmj:{tmp_path}/news"


@pytest.mark.parametrize(
    ("values", "key"),
    [({}, "folder"), ({"folder": "news", "timeout": "0s"}, "timeout"), ({"folder": "news", "list": "x"}, "list")],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "mlmmj", **values}, "adapter[0]"))

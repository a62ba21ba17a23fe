from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.adapters.sympa import Sympa
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.program_contract import ProgramContract
from tests.adapters.stand_ins.programs import SYMPA, Programs
from tests.contracts.adapter import ALICE, BOB, decision

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.adapters import Adapter

LIST = "news@lists.example.org"
CAROL = "carol@example.org"


def made(folder: Path, *, resubscribe: bool = False, name: str = LIST) -> Sympa:
    (folder / "lists" / LIST).mkdir(parents=True)
    (folder / "lists" / LIST / "shown").write_text(f"{ALICE}\n{BOB}\n")
    (folder / "lists" / LIST / "concealed").write_text(f"{CAROL}\n")
    return Sympa(name, command=[str(folder / "sympa")], resubscribe=resubscribe, timeout=0.8)


class TestContract(ProgramContract):
    """The contract, as it is set by default."""

    scripts: ClassVar = SYMPA
    disables = False
    restores = False

    def build(self, folder: Path) -> Adapter:
        return made(folder)

    def mailed(self) -> set[str]:
        return set((self.folder / "lists" / LIST / "shown").read_text().splitlines())


class TestResubscribing(TestContract):
    """The contract where an address may be subscribed again, and so may be disabled."""

    disables = True
    restores = True
    repeats: ClassVar = {Wanted.REMOVE: Outcome.NOT_FOUND, Wanted.DISABLE: Outcome.NOT_FOUND}

    def build(self, folder: Path) -> Adapter:
        return made(folder, resubscribe=True)


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path, SYMPA)


def told(adapter: Adapter, wanted: Wanted = Wanted.REMOVE, address: str = ALICE) -> Outcome:
    (answer,) = adapter.apply([decision(wanted, address)])
    return answer.outcome


def test_the_address_is_on_the_input_and_no_mail_is_sent_to_it(tmp_path: Path, programs: Programs) -> None:
    told(made(tmp_path))
    assert programs.lines("words") == ["review", LIST, "del", "--quiet", LIST, "review", LIST]


def test_a_concealed_member_is_one(tmp_path: Path, programs: Programs) -> None:
    """`sympa review` does not show them."""
    del programs
    adapter = made(tmp_path, resubscribe=True)
    assert told(adapter, Wanted.RESTORE, CAROL) is Outcome.ALREADY
    assert told(adapter, Wanted.REMOVE, CAROL) is Outcome.DONE
    assert told(adapter, Wanted.REMOVE, CAROL) is Outcome.NOT_FOUND


def test_a_concealed_member_is_not_gone_because_the_answer_did_not_come(tmp_path: Path, programs: Programs) -> None:
    adapter = made(tmp_path)
    path = tmp_path / "sympa"
    path.write_text(path.read_text().replace("del)", "del) kill -9 $$;"))
    assert told(adapter, Wanted.REMOVE, CAROL) is Outcome.RETRY
    assert programs.lines("effects") == []


def test_a_stranger_is_known_in_every_language(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path)
    (tmp_path / "lists" / LIST / "not_found").write_text("L'adresse")
    assert told(adapter, address="stranger@example.net") is Outcome.NOT_FOUND


def test_a_closed_list_makes_nobody_a_stranger(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path)
    (tmp_path / "lists" / LIST / "closed").touch()
    assert told(adapter) is Outcome.REFUSED
    assert told(adapter, address="stranger@example.net") is Outcome.REFUSED


def test_a_list_that_is_not_there_is_refused(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path, name="nothing@lists.example.org")
    assert told(adapter) is Outcome.REFUSED
    assert adapter.check().outcome is Outcome.REFUSED


def test_an_address_that_sympa_does_not_take_is_refused(tmp_path: Path, programs: Programs) -> None:
    del programs
    assert told(made(tmp_path, resubscribe=True), Wanted.RESTORE, "j\xf6rg@example.org") is Outcome.REFUSED


def test_another_user_than_sympas_is_refused(tmp_path: Path, programs: Programs) -> None:
    del programs
    adapter = made(tmp_path)
    (tmp_path / "fault").write_text("echo 'Failed to change process user ID and group ID.' >&2; exit 255\n")
    assert told(adapter) is Outcome.REFUSED


@pytest.mark.parametrize(
    "report",
    [
        "del [notice] The user malice@example.org has been removed.",  # ends so
        "del [notice] The user alice@example.org.example has been removed.",  # begins so
        "del [notice] The user bob@example.org has been removed.",
        "del [intern] alice@example.org",
        "notice alice@example.org",
        "",
    ],
)
def test_only_a_report_on_the_address_is_one(tmp_path: Path, programs: Programs, report: str) -> None:
    del programs
    adapter = made(tmp_path)
    path = tmp_path / "sympa"
    path.write_text(path.read_text().replace("del)", f"del) echo '{report}'; exit 0;"))
    assert told(adapter) is Outcome.RETRY
    assert told(adapter, address="stranger@example.net") is Outcome.RETRY


@pytest.mark.parametrize(
    "lines",
    [
        f"echo '3 member(s) in list {LIST}.'; echo {ALICE}; echo {BOB}",  # one is missing
        f"echo {ALICE}; echo {BOB}",
        ":",
        f"echo '0 member(s) in list {LIST}.'; exit 1",
    ],
)
def test_half_a_list_is_none(tmp_path: Path, programs: Programs, lines: str) -> None:
    adapter = made(tmp_path)
    path = tmp_path / "sympa"
    path.write_text(path.read_text().replace("review)", f"review) {lines}; exit 0;"))
    assert told(adapter, address="stranger@example.net") is Outcome.RETRY
    assert adapter.check().outcome is Outcome.RETRY
    assert "del" not in programs.lines("words")


def test_settings(tmp_path: Path) -> None:
    values = {"type": "sympa", "list": "News@lists.example.org", "config": "sympa.conf", "resubscribe": True}
    assert make(Table(values, "adapter[0]", tmp_path)).name == "sympa:news@lists.example.org"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "list"),
        ({"list": "news"}, "list"),
        ({"list": "news@"}, "list"),
        ({"list": "--help@lists.example.org"}, "list"),
        ({"list": "*@lists.example.org"}, "list"),
        ({"list": LIST, "command": []}, "command"),
        ({"list": LIST, "command": "sympa"}, "command"),
        ({"list": LIST, "timeout": "0s"}, "timeout"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "sympa", **values}, "adapter[0]"))

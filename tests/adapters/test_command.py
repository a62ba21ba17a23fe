from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.command import Command
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.programs import Programs
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault, decision, removal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.adapters import Adapter

# A command of somebody's own: `members` and `off` are its files.
SCRIPTS = {
    "tell": """
if [ "$1" = check ]; then exit 0; fi
wanted=$1 address=$3
cat > {folder}/given
grep -qxF -e "$address" {folder}/members || exit 4
case $wanted in
restore) grep -qxF -e "$address" {folder}/off || exit 3; keep {folder}/off "$address" ;;
*) grep -qxF -e "$address" {folder}/off && exit 3; printf '%s\\n' "$address" >> {folder}/off ;;
esac
changed "$address"
""",
}


class TestContract(AdapterContract):
    """The contract."""

    outcomes: ClassVar = {
        **AdapterContract.outcomes,
        Fault.SERVER_ERROR: {Outcome.REFUSED},  # an exit status that nobody named
        Fault.AWAY: {Outcome.REFUSED},
    }
    without: ClassVar = {
        Fault.WRONG_SECRET: "the command asks for none",
        Fault.GARBAGE: "its exit status is its answer, whatever it says",
    }

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Adapter:
        self.programs = Programs(tmp_path, SCRIPTS)
        (tmp_path / "members").write_text(f"{ALICE}\n{BOB}\n")
        (tmp_path / "off").touch()
        tell = str(tmp_path / "tell")
        return Command([tell, "{wanted}", "--", "{address}"], check=[tell, "check"], timeout=0.8)

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return set(self.programs.lines("off"))

    def effects(self, adapter: Adapter) -> Sequence[str]:
        del adapter
        return self.programs.lines("effects")

    def reached(self, adapter: Adapter) -> Sequence[object]:
        del adapter
        return self.programs.lines("words")

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        del adapter
        self.programs.fail(fault)

    def mend(self, adapter: Adapter) -> None:
        del adapter
        self.programs.mend()


def script(folder: Path, lines: str) -> str:
    path = folder / "own"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return str(path)


def words(folder: Path, template: Sequence[str], **changes: str) -> list[str]:
    program = script(folder, f"printf '%s\\n' \"$@\" > {folder}/words")
    once = replace(decision(Wanted.DISABLE, ALICE, "news"), **changes)  # type: ignore[arg-type]
    (answer,) = Command([program, *template]).apply([once])
    return (folder / "words").read_text().splitlines() if answer.outcome is Outcome.DONE else []


def test_every_place_is_filled_within_its_word(tmp_path: Path) -> None:
    template = ["{address}", "--list={list}", "{wanted}-{reason}", "{id}", "plain", "{address}{address}"]
    once = decision(Wanted.DISABLE, ALICE, "news")
    assert words(tmp_path, template) == [
        ALICE,
        "--list=news",
        "disable-user_unknown",
        once.id,
        "plain",
        ALICE + ALICE,
    ]


def test_what_is_filled_in_is_no_place_and_no_second_word(tmp_path: Path) -> None:
    address = "{list}$HOME`id`+'@example.org"
    assert words(tmp_path, ["{address}", "{list}"], list="a b; {id}") == [ALICE, "a b; {id}"]
    assert words(tmp_path, ["{address}"], address=address) == []  # no sign in front
    assert words(tmp_path, ["{address}"], address="x" + address) == ["x" + address]


@pytest.mark.parametrize("name", ["-rf", "--help", "a\nb", "\x1b[2J"])
def test_the_name_of_a_list_is_no_option(tmp_path: Path, name: str) -> None:
    assert words(tmp_path, ["{list}"], list=name) == []


def test_a_word_of_a_complaint_is_a_plain_one(tmp_path: Path) -> None:
    once = removal(ALICE)
    for feedback_type, expected in (("abuse", "abuse"), ("-rf /", ""), ("a\nb", ""), (None, "")):
        event = replace(once.event, reason=None, feedback_type=feedback_type)
        assert words(tmp_path, ["x{reason}"], event=event) == ["x" + expected]  # type: ignore[arg-type]


def test_the_whole_decision_is_on_the_input(tmp_path: Path) -> None:
    once = decision(Wanted.DISABLE, ALICE, "news", diagnostic="\udcff\x1b[2J\n" + "x" * 5000)
    Command([script(tmp_path, f"cat > {tmp_path}/given")]).apply([once])
    given = json.loads((tmp_path / "given").read_text())
    assert (given["schema"], given["id"], given["event"], given["address"]) == (1, once.id, "disable", ALICE)
    assert given["until"] == "2026-02-01T03:04:05+00:00"
    assert len(given["failure"]["diagnostic"]) == 2000


STATUSES = [
    ("exit 0", Outcome.DONE),
    ("exit 3", Outcome.ALREADY),
    ("exit 4", Outcome.NOT_FOUND),
    ("exit 75", Outcome.RETRY),
    ("exit 1", Outcome.REFUSED),
    ("exit 64", Outcome.REFUSED),
    ("exit 127", Outcome.REFUSED),
    ("kill -9 $$", Outcome.RETRY),
]


@pytest.mark.parametrize(("line", "outcome"), STATUSES)
def test_exit_statuses(tmp_path: Path, line: str, outcome: Outcome) -> None:
    (answer,) = Command([script(tmp_path, line)]).apply([removal(ALICE)])
    assert answer.outcome is outcome
    assert outcome.settled or answer.detail


def test_the_owner_says_what_exit_statuses_mean(tmp_path: Path) -> None:
    values = {"type": "command", "exit": {"3": "refused", "64": "bad_request", "0": "already"}}
    for line, outcome in (
        ("exit 0", Outcome.ALREADY),
        ("exit 3", Outcome.REFUSED),
        ("exit 64", Outcome.BAD_REQUEST),
        ("exit 4", Outcome.NOT_FOUND),
    ):
        adapter = make(Table({**values, "command": [script(tmp_path, line)]}))
        assert [answer.outcome for answer in adapter.apply([removal(ALICE)])] == [outcome]


def test_what_the_command_cannot_do_is_not_asked_of_it(tmp_path: Path) -> None:
    program = script(tmp_path, f"echo >> {tmp_path}/calls")
    adapter = make(Table({"type": "command", "command": [program], "wanted": ["remove"]}))
    answers = adapter.apply([decision(wanted, ALICE) for wanted in (Wanted.DISABLE, Wanted.REMOVE, Wanted.RESTORE)])
    assert [answer.outcome for answer in answers] == [Outcome.BAD_REQUEST, Outcome.DONE, Outcome.BAD_REQUEST]
    assert (tmp_path / "calls").read_text() == "\n"


def test_no_secret_of_the_environment_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSNPARSE_TEST_SECRET", "secret")
    Command([script(tmp_path, f"env > {tmp_path}/env")]).apply([removal(ALICE)])
    assert "secret" not in (tmp_path / "env").read_text()


def test_three_that_do_not_end_end_a_batch(tmp_path: Path) -> None:
    program = script(tmp_path, f"echo >> {tmp_path}/calls; sleep 5")
    answers = Command([program], timeout=0.2).apply([removal(f"a{number}@example.org") for number in range(6)])
    assert [answer.outcome for answer in answers] == [Outcome.RETRY] * 6
    assert (tmp_path / "calls").read_text() == "\n" * 3


@pytest.mark.parametrize(("line", "outcome"), [("exit 0", "done"), ("exit 3", "refused"), ("exit 75", "retry")])
def test_a_check_is_well_with_0_only(tmp_path: Path, line: str, outcome: str) -> None:
    assert Command(["/bin/true"], check=[script(tmp_path, line)]).check().outcome == outcome


def test_without_a_check_the_program_is_looked_for_and_not_started(tmp_path: Path) -> None:
    program = script(tmp_path, f"touch {tmp_path}/called")
    assert Command([program]).check().outcome is Outcome.DONE
    assert not (tmp_path / "called").exists()
    Path(program).unlink()
    assert Command([program]).check() == Answer(
        outcome=Outcome.REFUSED, detail=f"{program}: is no program that can be started"
    )


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "command"),
        ({"command": []}, "command"),
        ({"command": "rm -rf {address}"}, "command"),
        ({"command": ["", "x"]}, "command"),
        ({"command": ["a\nb"]}, "command"),
        ({"command": ["tell", "{adress}"]}, "command"),
        ({"command": ["tell", "{}"]}, "command"),
        ({"command": ["{address}"]}, "command"),
        ({"command": ["tell"], "check": []}, "check"),
        ({"command": ["tell"], "timeout": "0s"}, "timeout"),
        ({"command": ["tell"], "wanted": ["unsubscribe"]}, "wanted"),
        ({"command": ["tell"], "exit": {"done": "done"}}, r"exit\.done"),
        ({"command": ["tell"], "exit": {"256": "done"}}, r"exit\.256"),
        ({"command": ["tell"], "exit": {"5": "fine"}}, r"exit\.5"),
        ({"command": ["tell"], "shell": True}, "shell"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "command", **values}, "adapter[0]"))


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        (["sh", "-c", "unsubscribe {address}"], False),
        (["/usr/bin/env", "bash", "-lc", "x {list}"], False),
        (["python3.11", "-c", "print('{address}')"], False),
        (["sh", "-c", 'unsubscribe "$1"', "sh", "{address}"], True),
        (["mailctl", "-c", "{address}"], True),
    ],
)
def test_words_of_a_decision_stand_in_no_script(command: list[str], *, taken: bool) -> None:
    table = Table({"type": "command", "command": command}, "adapter[0]")
    if taken:
        make(table)
    else:
        with pytest.raises(ConfigError, match=r"^adapter\[0\]\.command: a script"):
            make(table)

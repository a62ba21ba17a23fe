from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.phplist import PhpList
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.phplist import Command
from tests.contracts.adapter import AdapterContract, Fault, decision, removal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter

ALICE = "alice@example.org"


class TestContract(AdapterContract):
    """The contract."""

    stranger = Outcome.DONE  # OK for everybody: the blacklist takes any address
    repeat = Outcome.DONE  # likewise
    disables = False  # for a time only
    restores = False
    outcomes: ClassVar = {**AdapterContract.outcomes, Fault.AWAY: {Outcome.REFUSED}}
    without: ClassVar = {
        Fault.WRONG_SECRET: "the command asks for none",
        "test_check_meets_a_fault": "the command is not started to check; a program that is missing is tried below",
    }

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Adapter:
        """Return it."""
        self.command = Command(tmp_path)
        return PhpList([str(self.command.path)], 0.3)

    def removed(self, adapter: Adapter) -> set[str]:
        """Read the blacklist."""
        del adapter
        return set(self.command.lines("blacklist"))

    def effects(self, adapter: Adapter) -> Sequence[str]:
        """Read it with every line."""
        del adapter
        return self.command.lines("blacklist")

    def reached(self, adapter: Adapter) -> Sequence[object]:
        """Return every word that the command was given."""
        del adapter
        return self.command.lines("words")

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        """Switch the fault on."""
        del adapter
        self.command.fail(fault)

    def mend(self, adapter: Adapter) -> None:
        """Switch it off."""
        del adapter
        self.command.write()


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


def told(command: Command, address: str = ALICE) -> Answer:
    (answer,) = PhpList([str(command.path)], 2).apply([removal(address)])
    return answer


def test_the_words_of_the_call(command: Command) -> None:
    told(command, "o'hara+$(id)@example.org".replace("(id)", "id"))
    assert command.lines("words") == ["-pblacklistemail", "-e", "o'hara+$id@example.org"]


def test_a_disable_without_end_is_done_and_one_with_an_end_is_not(command: Command) -> None:
    forever = replace(decision(Wanted.DISABLE, ALICE), until=None)
    for_a_time = decision(Wanted.DISABLE, "bob@example.org")
    answers = PhpList([str(command.path)], 2).apply([forever, for_a_time])
    assert [answer.outcome for answer in answers] == [Outcome.DONE, Outcome.BAD_REQUEST]
    assert command.lines("blacklist") == [ALICE]


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ("echo OK", Outcome.DONE),
        ("printf '\\n  OK \\n\\n'", Outcome.DONE),
        ("echo FAIL", Outcome.RETRY),
        ("echo OK; echo FAIL", Outcome.RETRY),
        ("echo not OK", Outcome.RETRY),
        ("echo OK; exit 1", Outcome.RETRY),
        ("echo PHP Fatal error; exit 255", Outcome.RETRY),
        ("echo OK; kill -9 $$", Outcome.RETRY),
        (":", Outcome.RETRY),
        ("echo '<html>OK</html>'", Outcome.RETRY),
    ],
)
def test_only_an_ok_at_the_end_is_one(command: Command, lines: str, outcome: Outcome) -> None:
    command.path.write_text(f"#!/bin/sh\n{lines}\n")
    assert told(command).outcome is outcome


def test_three_that_do_not_end_end_a_batch(command: Command) -> None:
    command.fail(Fault.TIMEOUT)
    answers = PhpList([str(command.path)], 0.05).apply([removal(f"a{number}@example.org") for number in range(6)])
    assert [answer.outcome for answer in answers] == [Outcome.RETRY] * 6
    assert command.lines("words").count("-e") <= 3


def test_check_looks_for_the_program_and_starts_nothing(command: Command) -> None:
    adapter = PhpList([str(command.path)], 1)
    assert adapter.check().outcome is Outcome.DONE
    command.fail(Fault.AWAY)
    assert adapter.check() == Answer(
        outcome=Outcome.REFUSED, detail=f"{command.path}: is no program that can be started"
    )
    assert command.lines("words") == []


def test_settings() -> None:
    words = ["php", "/srv/lists/admin/index.php", "-c", "/srv/lists/my config.php"]
    adapter = make(Table({"type": "phplist", "command": words, "timeout": "1m"}))
    assert adapter.name == "phplist:php /srv/lists/admin/index.php -c '/srv/lists/my config.php'"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "command"),
        ({"command": []}, "command"),
        ({"command": "php index.php"}, "command"),
        ({"command": ["php", ""]}, "command"),
        ({"command": ["php\x1b[2J"]}, "command"),
        ({"command": ["php"], "timeout": "0s"}, "timeout"),
        ({"command": ["php"], "shell": True}, "shell"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "phplist", **values}, "adapter[0]"))

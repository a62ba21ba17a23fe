"""The contract of adapters whose target is a list manager's commands."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome
from dsnparse.model import Wanted
from tests.adapters.stand_ins.programs import Programs
from tests.contracts.adapter import ALICE, BOB, AdapterContract, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter


class ProgramContract(AdapterContract):
    """The tests; `scripts` are the commands."""

    scripts: ClassVar[Mapping[str, str]]
    repeats: ClassVar = {Wanted.REMOVE: Outcome.NOT_FOUND}
    outcomes: ClassVar = {**AdapterContract.outcomes, Fault.AWAY: {Outcome.REFUSED}}
    without: ClassVar[Mapping[str, str]] = {Fault.WRONG_SECRET: "the commands ask for none"}

    @abstractmethod
    def build(self, folder: Path) -> Adapter:
        """Make the list, with alice@example.org and bob@example.org on it, and the adapter."""

    @abstractmethod
    def mailed(self) -> set[str]:
        """Return who gets mail, as the list's own files have it."""

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Adapter:
        self.folder = tmp_path
        self.programs = Programs(tmp_path, self.scripts)
        return self.build(tmp_path)

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {ALICE, BOB} - self.mailed()

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


def lines_of(*folders: Path) -> set[str]:
    """Return the lines of all files in folders."""
    return {line for folder in folders for path in folder.iterdir() for line in path.read_text().splitlines()}

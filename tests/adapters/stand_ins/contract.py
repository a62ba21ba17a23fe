"""The contract of adapters whose target is a stand-in behind a server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.adapters.stand_ins.server import GARBAGE, Request, Response, Server
from tests.contracts.adapter import AdapterContract, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dsnparse.adapters import Adapter

SECRET = "a long secret of the owner's"  # noqa: S105 - of the stand-in


class StandIn(ABC):
    """A list manager; those on its list are alice@example.org and bob@example.org."""

    garbage = GARBAGE

    def __init__(self) -> None:
        self.secret = SECRET
        self.effects: list[str] = []  # the address of every change, in order
        self.server = Server(self.respond, self.garbage)

    @abstractmethod
    def respond(self, request: Request) -> Response:
        """Answer a request as the program does."""

    @abstractmethod
    def removed(self) -> set[str]:
        """Return who gets no mail."""


class ServedContract(AdapterContract):
    """The tests; `kind` is the stand-in."""

    kind: ClassVar[type[StandIn]]
    secrets: ClassVar = [SECRET]

    @pytest.fixture(autouse=True)
    def _served(self) -> Iterator[None]:
        self.stand_in = self.kind()
        with self.stand_in.server:
            yield

    def removed(self, adapter: Adapter) -> set[str]:
        """Ask the stand-in."""
        del adapter
        return self.stand_in.removed()

    def effects(self, adapter: Adapter) -> Sequence[str]:
        """Return the changes that the stand-in made."""
        del adapter
        return self.stand_in.effects

    def reached(self, adapter: Adapter) -> Sequence[object]:
        """Return the requests."""
        del adapter
        return self.stand_in.server.requests

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        """Switch the fault on."""
        del adapter
        if fault is Fault.WRONG_SECRET:
            self.stand_in.secret = "another secret since yesterday"  # noqa: S105 - of the stand-in
        else:
            self.stand_in.server.fail(fault)

    def mend(self, adapter: Adapter) -> None:
        """Switch every fault off."""
        del adapter
        self.stand_in.secret = SECRET
        self.stand_in.server.mend()

"""Step 8: who is told.  To add one: a module with `make`, a line in ADAPTERS, its tests, its section in the docs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import Adapter, Answer, Losable, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dsnparse.settings import Table

__all__ = ["ADAPTERS", "Adapter", "Answer", "Losable", "Outcome", "checked", "make"]

# By the word that stands in the settings; a module is loaded when it is used.
ADAPTERS: Final[Mapping[str, str]] = {
    "command": "dsnparse.adapters.command",
    "couriermlm": "dsnparse.adapters.couriermlm",
    "django": "dsnparse.adapters.django",
    "listmonk": "dsnparse.adapters.listmonk",
    "mailman": "dsnparse.adapters.mailman",
    "mautic": "dsnparse.adapters.mautic",
    "mlmmj": "dsnparse.adapters.mlmmj",
    "phplist": "dsnparse.adapters.phplist",
    "sql": "dsnparse.adapters.sql",
    "suppression": "dsnparse.adapters.suppression",
    "sympa": "dsnparse.adapters.sympa",
    "webhook": "dsnparse.adapters.webhook",
}


def make(table: Table) -> Adapter:
    """Make the adapter that a table of the settings describes, by its key `type`.

    Each module's `make` takes its own keys out of the table; raises ConfigError, which names the key, for a bad one.
    """
    kind = table.choice("type", tuple(ADAPTERS))
    build: Callable[[Table], Adapter] = import_module(ADAPTERS[kind]).make
    adapter = build(table)
    table.done()
    return adapter

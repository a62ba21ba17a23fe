"""The settings of one owner: a TOML file, checked whole, as frozen data.  docs/config.md tells every key.

Each room takes its own table; what no room asks for is an error that names the key path.  Loading reads the file and
those that it names for secrets and protected addresses, and nothing else: no network, no mail, no ledger.
"""

# Paths stay the strings that the user gave.
# ruff: noqa: PTH112, PTH118

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dsnparse.adapters import checked, make
from dsnparse.errors import ConfigError
from dsnparse.ledger import default_path
from dsnparse.ledger.base import Age
from dsnparse.notices import NotifySettings
from dsnparse.policy import Policy, from_table
from dsnparse.policy.guards import GuardSettings
from dsnparse.settings import SecretSource, Table, read
from dsnparse.sources.spool import default_spool
from dsnparse.text.limits import Limits
from dsnparse.trust import TrustSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsnparse.adapters import Adapter

__all__ = ["Config", "ListSettings", "Route", "default", "load"]

_RETENTION: Final = Age(
    events=timedelta(days=400),  # a year's failures can be looked up
    mails=timedelta(days=400),  # that a mail was read: one that still lies there is read again after that
    journal=timedelta(days=800),  # who was removed and why is asked long after
    sent=timedelta(days=120),  # Message-IDs of our own mails: reports come within days
)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")  # behind a space: the sign may stand in an address (RFC 5322 atext)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSettings:
    """One mailing list."""

    name: str
    list_ids: tuple[str, ...] = ()  # of its mails, RFC 2919, without angle brackets, in lower case
    size: int | None = None  # subscribers, for caps that are a share of the list; None: not known
    protect: tuple[str, ...] = ()  # addresses that are never acted on by themselves, in lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An adapter and the lists whose decisions it gets."""

    adapter: Adapter
    lists: tuple[str, ...] = ()  # by name; empty: all
    type: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)  # as they stand in the file, to be shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that an owner may set."""

    path: str | None = None  # the file; None: there is none
    ledger: str
    paths: tuple[str, ...] = ()  # where bounces lie: Maildirs, and whatever else `dsnparse run` reads
    spool: str = field(default_factory=default_spool)  # where `dsnparse ingest` puts mail; read besides `paths`
    policy: Policy
    guard: GuardSettings
    trust: TrustSettings
    lists: tuple[ListSettings, ...] = ()
    protect: tuple[str, ...] = ()  # on every list, in lower case
    adapters: tuple[Route, ...] = ()
    retention: Age
    limits: Limits
    notify: NotifySettings = field(default_factory=NotifySettings)
    secrets: tuple[SecretSource, ...] = ()  # where each came from, never what it is

    def places(self) -> tuple[str, ...]:
        """Return all that is read where no path is named: `paths`, and the spool once a mail came by it."""
        named = {os.path.realpath(path) for path in self.paths}
        spooled = os.path.isdir(os.path.join(self.spool, "new")) and os.path.realpath(self.spool) not in named
        return (*self.paths, self.spool) if spooled else self.paths


def load(path: str) -> Config:
    """Read a file of settings; raises ConfigError with the file's name and the key path or the line."""
    table = read(path)
    try:
        return _config(table, path)
    except ConfigError as error:
        problem = f"{path}: {error}"
    raise ConfigError(problem)


def default() -> Config:
    """Return the settings of somebody who has no file."""
    return _config(Table({}), None)


def _config(table: Table, path: str | None) -> Config:
    ledger = table.table("ledger")
    source = table.table("source")
    policy = from_table(table.table("policy"))
    trust = TrustSettings.from_table(table.table("trust"))
    lists = _lists(table)
    where = ledger.path("path", default_path())
    config = Config(
        path=path,
        ledger=where,
        paths=source.paths("paths"),
        spool=source.path("spool", default_spool()),
        policy=policy,
        guard=GuardSettings.from_table(table.table("guard")),
        trust=trust,
        lists=lists,
        protect=_protected(table.table("protect")),
        adapters=_routes(table, {each.name for each in lists}, where),
        retention=_retention(table.table("retention"), policy),
        limits=Limits.from_table(table.table("limits")),
        notify=NotifySettings.from_table(table.table("notify"), trust.return_paths),
        secrets=tuple(table.secrets),
    )
    for each in (ledger, source, table):
        each.done()
    return config


def _lists(table: Table) -> tuple[ListSettings, ...]:
    lists: list[ListSettings] = []
    for one in table.tables("list"):
        name = one.text("name")
        if not name or not name.isprintable():
            error = one.bad("name", "must be one line of printable letters")
            raise error
        if name in {other.name for other in lists}:
            error = one.bad("name", f"{name!r} is the name of another list")
            raise error
        ids = tuple(each.strip().strip("<>").lower() for each in one.texts("list_ids"))
        for each in ids:
            if not each or any(each in other.list_ids for other in lists):
                error = one.bad("list_ids", f"{each!r} is empty, or belongs to another list")
                raise error
        size = one.integer("size", least=1) if one.has("size") else None
        protect = tuple(_address(one, "protect", text) for text in one.texts("protect"))
        one.done()
        lists.append(ListSettings(name=name, list_ids=ids, size=size, protect=protect))
    return tuple(lists)


def _protected(table: Table) -> tuple[str, ...]:
    """Return the addresses of [protect] and of the file that it names: one a line, comments behind `#`."""
    addresses = [_address(table, "addresses", text) for text in table.texts("addresses")]
    if table.has("file"):
        path = table.path("file")
        try:
            lines = Path(path).read_bytes().decode("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            bad = table.bad("file", f"{path}: cannot be read: {getattr(error, 'strerror', 'no UTF-8')}")
            raise bad from None
        words = ((number, _COMMENT.sub("", line).strip()) for number, line in enumerate(lines, 1))
        addresses += [_address(table, "file", word, f"{path} line {number}: ") for number, word in words if word]
    table.done()
    return tuple(dict.fromkeys(addresses))


def _address(table: Table, key: str, text: str, where: str = "") -> str:
    address = checked(text)
    if address is None:  # it would never equal an address that is acted on, and so protect nobody
        raise table.bad(key, f"{where}{text!r} is no plain address")
    return address.lower()


def _routes(table: Table, names: set[str], ledger: str) -> tuple[Route, ...]:
    routes: dict[str, Route] = {}
    for one in table.tables("adapter"):
        lists = one.texts("lists")
        for name in lists:
            if name not in names:
                error = one.bad("lists", f"no [[list]] has the name {name!r}")
                raise error
        adapter = make(one)
        if adapter.name in routes:  # the ledger tells adapters apart by their names
            error = one.bad("type", f"{adapter.name} stands in another [[adapter]]: name all of its lists in one")
            raise error
        if adapter.name == f"suppression:{os.path.realpath(ledger)}":  # it would be replaced
            error = one.bad("path", "is the ledger")
            raise error
        routes[adapter.name] = Route(adapter=adapter, lists=lists, type=one.text("type"), settings=one.shown())
    return tuple(routes.values())


def _retention(table: Table, policy: Policy) -> Age:
    kept = {each.name: table.duration(each.name, getattr(_RETENTION, each.name)) for each in fields(Age)}
    table.done()
    for name, time in kept.items():
        if time < timedelta(days=1):
            error = table.bad(name, "must be at least a day")
            raise error
    for kind, row in policy.rows.items():
        if row.window is not None and row.window > kept["events"]:
            error = table.bad("events", f"is shorter than the window in which {kind} counts: it would never be full")
            raise error
    return Age(**kept)

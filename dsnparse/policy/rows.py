"""The policy's numbers: a row for each kind of failure, from a preset (presets.toml) and the owner's own settings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from dsnparse.model import Reason, Wanted
from dsnparse.policy.kinds import KINDS
from dsnparse.settings import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["PRESETS", "Policy", "Row", "from_table", "preset"]

PRESETS: Final = ("careful", "esp", "mailman")  # the first is the default


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is needed before one kind of failure leads to something, and to what."""

    failures: int | None = None  # None: never
    unproven: int = 1  # where nothing ties the reports to our mail; on as many days; never fewer than `failures`
    days: int = 1  # different days, UTC
    span: timedelta = timedelta(0)  # from the first to the last, at least
    window: timedelta | None = None  # back from the last; None: however long ago
    stale: timedelta | None = None  # from one to the next, at most; None: any gap
    action: Wanted = Wanted.DISABLE  # or REMOVE
    disable_for: timedelta | None = None  # None: until a person says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who is disabled or removed when."""

    name: str  # of the preset
    rows: Mapping[str, Row] = field(default_factory=dict)  # by kind of failure, see `kinds`
    settle: timedelta = timedelta(hours=24)  # from the failure that decides until anything is done
    accept_unsigned: bool = False  # reports that nothing ties to our mail may disable

    def row(self, kind: str) -> Row | None:
        """Return the row of a kind of failure, None where it never counts."""
        row = self.rows.get(self.count_of(kind))
        return None if row is None or row.failures is None else row

    def count_of(self, kind: str) -> str:
        """Return in which count a kind of failure goes: its own, or the one that a preset has for any."""
        return kind if kind in self.rows or not KINDS[kind] else "any"


@cache
def preset(name: str) -> Policy:
    """Return one of `PRESETS`."""
    values = tomllib.loads(files(__package__).joinpath("presets.toml").read_text("utf-8"))
    table = Table(values[name], f"presets.{name}")
    rows = table.table("row")
    return Policy(
        name=name,
        rows={kind: _row(rows.table(kind), Row()) for kind in rows.keys()},  # noqa: SIM118 - no dict
        settle=table.duration("settle"),
    )


def from_table(table: Table) -> Policy:
    """Return the policy of the table [policy]; raises ConfigError that names the key path."""
    base = preset(table.choice("preset", PRESETS, PRESETS[0]))
    policy = replace(
        base,
        settle=table.duration("settle", base.settle),
        accept_unsigned=table.flag("accept_unsigned", default=base.accept_unsigned),
        rows={**base.rows, **_own(table.table("reason"), base)},
    )
    table.done()
    return policy


def _own(table: Table, base: Policy) -> dict[str, Row]:
    rows = {}
    for kind in table.keys():  # noqa: SIM118 - no dict
        if kind not in KINDS:
            counted = f"those that count are {', '.join(sorted(KINDS))}"
            known = "is never counted against an address" if kind in set(Reason) else "is no reason"
            raise table.bad(kind, f"{known}; {counted}")
        rows[kind] = _row(table.table(kind), base.rows.get(base.count_of(kind), Row()))
    return rows


def _row(table: Table, base: Row) -> Row:
    """Return a row with what a table says over what `base` says; 0 is "never" for failures, "no limit" for times."""
    failures = table.integer("failures", base.failures or 0)
    row = Row(
        failures=failures or None,
        unproven=table.integer("unproven", max(base.unproven, failures), least=1),
        days=table.integer("days", min(base.days, failures or base.days), least=1),
        span=table.duration("span", timedelta(0) if failures == 1 else base.span),
        window=table.duration("window", base.window or timedelta(0)) or None,
        stale=table.duration("stale", base.stale or timedelta(0)) or None,
        action=Wanted(table.choice("action", (Wanted.DISABLE.value, Wanted.REMOVE.value), base.action.value)),
        disable_for=table.duration("disable_for", base.disable_for or timedelta(0)) or None,
    )
    table.done()
    for key, problem in _problems(row):
        raise table.bad(key, problem)
    return row


def _problems(row: Row) -> Iterator[tuple[str, str]]:
    """Yield keys whose values do not go together, and why."""
    if row.failures is not None and row.unproven < row.failures:
        yield "unproven", f"is less than failures ({row.failures}): what nobody proves cannot need less"
    if row.failures is not None and row.days > row.failures:
        yield "days", f"is more than failures ({row.failures}), and each of them is on one day"
    if row.window is not None and row.window <= row.span:
        yield "window", "must be longer than span, or nothing is ever found"

"""The numbers of the guards, from the table [guard]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsnparse.settings import Table

__all__ = ["GuardSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """When so many failures are a bad day of somebody's servers, and how much is done in a day.

    A day is the last 24 hours and a week the last seven days, at any moment.  What is usual is the median of the weeks
    before (of their busiest days, and of their sums), so that one bad day does not raise it.
    """

    storm: bool = True  # False: no bad day is ever seen
    storm_cap: int = 25  # addresses of one domain or organisation in a day; so few are never a storm
    storm_factor: int = 3  # times the usual busiest day
    storm_week_cap: int = 50  # addresses in a week; so few are never a slow storm
    storm_week_factor: int = 2  # times the usual week
    storm_share: float = 0.01  # of the addresses that we mail there, in a day or a week, where we know how many
    number: int = 100  # disables and removals in a day, on all lists
    share: float = 0.05  # of a list whose size is known, in a day; five are always allowed
    per_domain: int = 25  # disables and removals in a day for the addresses of one domain

    @classmethod
    def from_table(cls, table: Table) -> GuardSettings:
        """Return the settings of the table [guard]; raises ConfigError that names the key path."""
        usual = cls()
        settings = cls(
            storm=table.flag("storm", default=usual.storm),
            storm_cap=table.integer("storm_cap", usual.storm_cap, least=1),
            storm_factor=table.integer("storm_factor", usual.storm_factor, least=1),
            storm_week_cap=table.integer("storm_week_cap", usual.storm_week_cap, least=1),
            storm_week_factor=table.integer("storm_week_factor", usual.storm_week_factor, least=1),
            storm_share=table.share("storm_share", usual.storm_share),
            number=table.integer("number", usual.number),
            share=table.share("share", usual.share),
            per_domain=table.integer("per_domain", usual.per_domain),
        )
        table.done()
        return settings

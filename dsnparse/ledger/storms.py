"""How many failed where and when, and the days that were too bad to be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.ledger.decisions import STORM, storm_of
from dsnparse.ledger.store import Store, seconds, text_of, time_of
from dsnparse.policy import Storm, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Storms"]

_DAY: Final = 86400
_HISTORY: Final = timedelta(days=60)  # how far back a domain's usual days are looked at
_MAILED: Final = timedelta(days=30)

_RECENT: Final = """
    SELECT {column}, count(DISTINCT CASE WHEN at > :day THEN address END), count(DISTINCT address), min(at), max(at)
    FROM event WHERE bounce_type = 'hard' AND NOT cleared AND at > :week AND at <= :now AND {column} IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM storm WHERE released AND name = '{column}:' || {column} AND at BETWEEN since AND until)
    GROUP BY {column} HAVING count(DISTINCT address) >= :least
"""
_PAST: Final = """
    SELECT {column}, (:week - at) / 86400, count(DISTINCT address) FROM event
    WHERE bounce_type = 'hard' AND NOT cleared AND at > :began AND at <= :week AND {column} IN ({marks})
    GROUP BY 1, 2
"""


class Storms(Store):
    """What the storm guard looks at."""

    def tallies(self, now: datetime, least: int) -> list[Tally]:
        """Return how many addresses failed, for each domain and organisation with at least so many in a week."""
        week = seconds(now) - 7 * _DAY
        began = max(self.number("SELECT min(at) FROM event") or week, seconds(now - _HISTORY))
        times = {"now": seconds(now), "day": seconds(now) - _DAY, "week": week, "began": began, "least": least}
        found = []
        for column in ("domain", "organisation"):
            recent = self.rows(_RECENT.format(column=column), times)
            past = self._past(column, [str(row[0]) for row in recent], times)
            for name, day, week_count, first, last in recent:
                first_at, last_at = time_of(first), time_of(last)
                if first_at is None or last_at is None:
                    continue
                found.append(
                    Tally(
                        group=f"{column}:{name}",
                        addresses_day=int(str(day)),
                        addresses_week=int(str(week_count)),
                        history=past[str(name)],
                        mailed=self._mailed(str(name), now) if column == "domain" else None,
                        first_at=first_at,
                        last_at=last_at,
                    )
                )
        return found

    def _past(self, column: str, names: list[str], times: Mapping[str, int]) -> dict[str, list[int]]:
        """Return the addresses that failed on each day before the last week, from the ledger's first day on."""
        days = max(0, times["week"] - times["began"]) // _DAY
        history = {name: [0] * days for name in names}
        for at in range(0, len(names), 500):
            some = names[at : at + 500]
            marks = ", ".join(f":name{number}" for number in range(len(some)))
            values = {**times, **{f"name{number}": name for number, name in enumerate(some)}}
            for name, ago, count in self.rows(_PAST.format(column=column, marks=marks), values):
                if int(str(ago)) < days:
                    history[str(name)][int(str(ago))] = int(str(count))
        return history

    def _mailed(self, domain: str, now: datetime) -> int | None:
        """Return how many addresses of a domain were mailed lately, None where nothing is known of it."""
        statement = "SELECT count(DISTINCT address) FROM sent WHERE domain = ? AND at > ?"
        return self.number(statement, (domain, seconds(now - _MAILED))) or None

    def write_storms(self, storms: Iterable[Storm]) -> None:
        """Write storms, joined with those that they touch; those that a person let go stay as they are."""
        with self.transaction() as connection:
            for storm in storms:
                size, why = storm.addresses, text_of(storm.why)
                values = (seconds(storm.until), size, size, why, storm.group)
                touching = (seconds(storm.until) + _DAY, seconds(storm.since) - _DAY)
                known = connection.execute(
                    "UPDATE storm SET until = max(until, ?), addresses = max(addresses, ?), "
                    "why = CASE WHEN ? >= addresses THEN ? ELSE why END "
                    "WHERE name = ? AND since <= ? AND until >= ? AND NOT released",
                    (*values, *touching),
                ).rowcount
                if not known:
                    connection.execute(
                        "INSERT OR IGNORE INTO storm (name, since, until, addresses, why) VALUES (?, ?, ?, ?, ?)",
                        (storm.group, self._after_released(storm), seconds(storm.until), size, why),
                    )

    def _after_released(self, storm: Storm) -> int:
        """Return when a storm begins; what a person said of an earlier one stays true."""
        since = "SELECT max(until) + 1 FROM storm WHERE name = ? AND released AND since <= ? AND until >= ?"
        return max(seconds(storm.since), self.number(since, (storm.group, seconds(storm.until), seconds(storm.since))))

    def untold_storms(self) -> list[Storm]:
        """Return the storms that nobody was told of."""
        return [storm_of(row) for row in self.rows(f"{STORM} WHERE told_at IS NULL ORDER BY since, name")]

    def mark_storms_told(self, now: datetime) -> None:
        """Note that the operator was told of all storms."""
        with self.transaction() as connection:
            connection.execute("UPDATE storm SET told_at = ? WHERE told_at IS NULL", (seconds(now),))

    def days_to_guard(self) -> list[datetime]:
        """Return the days, at midnight UTC, of failures that decided since the guards last looked at all of them."""
        found = self.rows(
            "SELECT DISTINCT event.at / 86400 FROM decision CROSS JOIN event ON event.id = decision.event "
            "WHERE decision.state = 'open' AND decision.held IS NULL AND NOT decision.released "
            "AND decision.decided_at >= coalesce((SELECT value FROM meta WHERE name = 'guarded_at'), 0) ORDER BY 1"
        )
        return [datetime.fromtimestamp(int(str(day)) * _DAY, UTC) for (day,) in found]

    def mark_guarded(self, now: datetime) -> None:
        """Note that the guards looked at every decision."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('guarded_at', ?)", (seconds(now),))

    def acted_in(self, storm: Storm) -> int:
        """Return how many addresses were acted on for failures of a storm, before it was seen."""
        kind, _, name = storm.group.partition(":")
        column = "domain" if kind == "domain" else "organisation"
        return self.number(
            "SELECT count(DISTINCT decision.address) FROM decision CROSS JOIN event ON event.id = decision.event "
            f"WHERE decision.state = 'done' AND event.{column} = ? AND event.at BETWEEN ? AND ?",
            (name, seconds(storm.since), seconds(storm.until)),
        )

    def storms(self) -> list[Storm]:
        """Return the storms that no person let go, oldest first."""
        return [storm_of(row) for row in self.rows(f"{STORM} WHERE NOT released ORDER BY since, name")]

"""What each adapter is to be told, and what it answered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from dsnparse.ledger.base import Done, Due
from dsnparse.ledger.decisions import BEGUN, DECISION, decision_of
from dsnparse.ledger.store import Store, seconds, text_of
from dsnparse.policy.guards import domain_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from dsnparse.model import Decision

__all__ = ["Outbox"]

# Nothing is left to do; what cannot be done is told once and not tried again.
_SETTLED: Final = "('done', 'already', 'not_found', 'bad_request')"

# Seconds to wait after so many attempts: at once in the next two runs, then as mail servers do, 12 hours at most.
_WAITS: Final = (0, 0, 600, 1800, 3600, 7200, 14400, 28800, 43200)

# What is to be told: a disable or removal in force, and a restore only to whom an adapter itself had taken off.
_DISPATCH: Final = f"""
    INSERT OR IGNORE INTO outbox (decision, adapter, next_at)
    SELECT number, :adapter, :now FROM decision
    WHERE state IN ('open', 'done') AND held IS NULL AND (state = 'done' OR ripe_at IS NULL OR ripe_at <= :ripe) AND (
        wanted != 'restore' OR EXISTS (
            SELECT 1 FROM decision AS old JOIN outbox ON outbox.decision = old.number
            WHERE old.address = decision.address AND old.list = decision.list AND old.state = 'over'
            AND outbox.adapter = :adapter AND {BEGUN}))
"""
_ALONE: Final = """
    AND NOT (wanted = 'restore' AND EXISTS (
        SELECT 1 FROM decision AS other JOIN outbox ON outbox.decision = other.number
        WHERE other.address = decision.address AND other.list != decision.list AND other.state IN ('open', 'done')
        AND other.wanted != 'restore' AND outbox.adapter = :adapter AND outbox.outcome IN ('done', 'already')))
"""
_DUE: Final = f"""
    {DECISION} JOIN outbox ON outbox.decision = decision.number
    WHERE outbox.adapter = ? AND (outcome IS NULL OR outcome NOT IN {_SETTLED}) AND next_at <= ?
    AND state IN ('open', 'done') AND held IS NULL AND number > ? ORDER BY number LIMIT ?
"""


class Outbox(Store):
    """Acting."""

    def dispatch(
        self,
        adapter: str,
        lists: Sequence[str],
        now: datetime,
        *,
        ripe: datetime | None = None,
        one_list: bool = False,
    ) -> None:
        """Put into the outbox of an adapter what is ripe, and what others were told already."""
        values: dict[str, object] = {
            "adapter": text_of(adapter),
            "now": seconds(now),
            "ripe": seconds(now if ripe is None else ripe),
        }
        marks = [f"list{number}" for number in range(len(lists))]
        values.update(zip(marks, map(text_of, lists), strict=True))
        only = f" AND decision.list IN ({', '.join(f':{mark}' for mark in marks)})" if lists else ""
        with self.transaction() as connection:
            connection.execute(_DISPATCH + ("" if one_list else _ALONE) + only, values)

    def untold(self, now: datetime) -> int:
        """Return how many decisions are ripe and go to no adapter, as those of a list that none is told of.

        A restore is one where whoever took the address off bears another name now, or is not in the settings.
        """
        return self.number(
            "SELECT count(*) FROM decision WHERE state = 'open' AND held IS NULL "
            "AND (ripe_at IS NULL OR ripe_at <= ?) "
            "AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = decision.number)",
            (seconds(now),),
        )

    def due(self, adapter: str, now: datetime, limit: int, after: int = 0) -> list[Due]:
        """Take decisions with a number above `after` out of an adapter's outbox; from here on each counts as tried."""
        with self.transaction() as connection:
            taken = []
            for row in connection.execute(_DUE, (text_of(adapter), seconds(now), after, limit)).fetchall():
                where = (row[0], text_of(adapter))
                ((attempts, outcome),) = connection.execute(
                    "SELECT attempts, outcome FROM outbox WHERE decision = ? AND adapter = ?", where
                ).fetchall()
                in_doubt = attempts > 0 and outcome is None
                taken.append(Due(number=row[0], decision=decision_of(row), attempts=attempts, in_doubt=in_doubt))
            connection.executemany(
                "UPDATE outbox SET attempts = attempts + 1, outcome = NULL WHERE decision = ? AND adapter = ?",
                [(due.number, text_of(adapter)) for due in taken],
            )
            return taken

    def retell(self, adapter: str) -> None:
        """Forget what an adapter answered, so that it is told of everything again."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM outbox WHERE adapter = ?", (text_of(adapter),))

    def settle(self, adapter: str, outcomes: Iterable[tuple[Due, str, str]], now: datetime) -> None:
        """Write what an adapter met, as (what was due, outcome, detail); the journal has it where it is new."""
        name = text_of(adapter)
        with self.transaction() as connection:
            for due, outcome, detail in outcomes:
                wait = _WAITS[min(due.attempts, len(_WAITS) - 1)] if outcome == "retry" else 0
                connection.execute(
                    "UPDATE outbox SET outcome = ?, detail = ?, next_at = ? WHERE decision = ? AND adapter = ?",
                    (outcome, text_of(detail), seconds(now) + wait, due.number, name),
                )
                connection.execute(
                    "INSERT INTO journal (at, decision, what, adapter, detail) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS "
                    "(SELECT 1 FROM journal WHERE decision = ? AND what = ? AND adapter = ? AND detail = ?)",
                    (seconds(now), *(line := (due.number, outcome, name, text_of(detail))), *line),
                )

    def finish(self, adapters: Sequence[str], now: datetime) -> Iterator[Decision]:
        """Close the decisions of which every one of these adapters was told, and yield them."""
        names = [text_of(name) for name in adapters]
        marks = ", ".join("?" * len(names))
        told = f"SELECT 1 FROM outbox WHERE adapter IN ({marks}) AND outbox.decision = decision.number"
        ready = (
            f"state = 'open' AND held IS NULL AND EXISTS ({told} AND outcome IN {_SETTLED}) "
            f"AND NOT EXISTS ({told} AND (outcome IS NULL OR outcome NOT IN {_SETTLED}))"
        )
        with self.transaction() as connection:
            while rows := connection.execute(f"{DECISION} WHERE {ready} LIMIT 500", names * 2).fetchall():
                yield from map(decision_of, rows)
                connection.executemany("UPDATE decision SET state = 'done' WHERE number = ?", [row[:1] for row in rows])
            # A restore that is done, or that nobody has to be told of, leaves nothing in force.
            connection.execute(
                "UPDATE decision SET state = 'over' WHERE wanted = 'restore' AND (state = 'done' OR state = 'open' "
                "AND decided_at <= ? AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = decision.number) "
                "AND NOT EXISTS (SELECT 1 FROM decision AS old JOIN outbox ON outbox.decision = old.number "
                "WHERE old.address = decision.address AND old.list = decision.list AND old.state = 'over' "
                f"AND {BEGUN}))",
                (seconds(now),),
            )

    def done_since(self, since: datetime) -> Done:
        """Count the disables and removals that took effect, each once, however many adapters were told."""
        found = self.rows(
            "SELECT DISTINCT decision.number, decision.list, decision.address FROM journal "
            "JOIN decision ON decision.number = journal.decision WHERE journal.at > ? AND journal.what = 'done' "
            "AND decision.wanted != 'restore' AND NOT decision.released",
            (seconds(since),),
        )
        return Done(
            total=len(found),
            lists=Counter(str(on) for _, on, _ in found),
            domains=Counter(domain_of(str(address)) for _, _, address in found),
        )

"""What was sent, to whom, and who subscribed when; and what is kept how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsnparse.ledger.base import Subscription
from dsnparse.ledger.store import Store, seconds, text_of, time_of
from dsnparse.policy.guards import domain_of
from dsnparse.trust import SentRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dsnparse.ledger.base import Age

__all__ = ["Sent"]

_ROW = "SELECT message_id, address, list, key, at FROM sent "


class Sent(Store):
    """The sent table."""

    def sent(self, message_id: str) -> list[SentRow]:
        """Return to whom a mail of ours was sent."""
        return [_row(row) for row in self.rows(f"{_ROW} WHERE message_id = ?", (text_of(message_id),))]

    def sent_with(self, key: bytes) -> SentRow | None:
        """Return the newest mail that was sent with a subscriber's key in its return path."""
        rows = self.rows(f"{_ROW} WHERE key = ? ORDER BY at DESC LIMIT 1", (key,))
        return _row(rows[0]) if rows else None

    def has_sent(self) -> bool:
        """Tell whether anything is known of what was sent."""
        return bool(self.rows("SELECT 1 FROM sent UNION ALL SELECT 1 FROM meta WHERE name = 'sent' LIMIT 1"))

    def import_sent(self, rows: Iterable[SentRow | Subscription]) -> int:
        """Write what was sent and who subscribed; return how many lines were new.

        Somebody of whom something failed is looked at again: what came before a new subscription does not count.
        """
        new = 0
        with self.transaction() as connection:
            # Whoever told once what was sent proves reports by it, also when the rows are older than they are kept.
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('sent', 1)")
            for row in rows:
                on = text_of(row.list)
                if isinstance(row, Subscription):
                    new += connection.execute(
                        "INSERT INTO subscription VALUES (?, ?, ?) ON CONFLICT (address, list) "
                        "DO UPDATE SET since = excluded.since WHERE excluded.since > since",
                        (row.address, on, seconds(row.since)),
                    ).rowcount
                else:
                    new += connection.execute(
                        "INSERT OR IGNORE INTO sent VALUES (?, ?, ?, ?, ?, ?)",
                        (text_of(row.message_id), row.address, on, seconds(row.at), row.key, domain_of(row.address)),
                    ).rowcount
                connection.execute(
                    "INSERT OR IGNORE INTO pending (address, list) "
                    "SELECT DISTINCT address, list FROM event WHERE address = ?",
                    (row.address,),
                )
        return new

    def purge(self, age: Age, now: datetime) -> int:
        """Drop what is older than it is to be kept; return how many rows.

        The failure that a decision rests on stays with the decision, as its evidence.
        """
        steps = (
            (age.events, "DELETE FROM event WHERE at < ?"),
            (age.mails, "DELETE FROM mail WHERE read_at < ?"),
            (age.journal, "DELETE FROM journal WHERE at < ?"),
            (age.sent, "DELETE FROM sent WHERE at < ?"),
            (age.events, "DELETE FROM storm WHERE until < ?"),
            (age.journal, "DELETE FROM decision WHERE decided_at < ? AND state IN ('over', 'dropped')"),
            (age.journal, "DELETE FROM outbox WHERE next_at < ? AND decision NOT IN (SELECT number FROM decision)"),
        )
        with self.transaction() as connection:
            return sum(
                connection.execute(statement, (seconds(now - kept),)).rowcount
                for kept, statement in steps
                if kept is not None
            )


def _row(row: Sequence[object]) -> SentRow:
    message_id, address, on, key, at = row
    time = time_of(at)
    assert time is not None  # noqa: S101 - the column is NOT NULL
    return SentRow(
        message_id=str(message_id),
        address=str(address),
        list=str(on),
        key=key if isinstance(key, bytes) else None,
        at=time,
    )

"""Mails that were read, and the failures that they told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.ledger.base import Known, State
from dsnparse.ledger.store import COLUMNS, Store, seconds, text_of, values_of
from dsnparse.model import BounceType, Event, Kind, Trust
from dsnparse.policy.guards import domain_of, organisation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dsnparse.ledger.base import MailRecord

__all__ = ["Mails"]

_INSERT: Final = (
    f"INSERT INTO event ({', '.join(COLUMNS)}, domain, organisation, mail) "
    f"VALUES ({', '.join('?' * (len(COLUMNS) + 3))}) ON CONFLICT (address, list, original) DO NOTHING"
)
_SAME: Final = "address = ? AND list = ? AND original = ?"
_TRUST: Final = {Trust.NONE: 0, Trust.WEAK: 1, Trust.STRONG: 2}


class Mails(Store):
    """What was read."""

    def known(self, digest: bytes) -> Known | None:
        """Return what is known of a mail."""
        for state, kind, listed in self.rows("SELECT state, kind, listed_at FROM mail WHERE digest = ?", (digest,)):
            return Known(state=State(str(state)), kind=Kind(str(kind)), listed=listed is not None)
        return None

    def record(self, mails: Sequence[MailRecord], now: datetime) -> list[tuple[bool, ...]]:
        """Write mails and their events; tell for each event whether it is new."""
        with self.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO mail (digest, state, kind, source, read_at) VALUES (?, ?, ?, ?, ?)",
                [
                    (mail.digest, mail.state.value, mail.kind.value, text_of(mail.source), seconds(now))
                    for mail in mails
                ],
            )
            return [tuple(_insert(connection, event, mail.digest) for event in mail.events) for mail in mails]

    def mark_listed(self, digests: Iterable[bytes], now: datetime) -> None:
        """Note that a person was told of these mails."""
        with self.transaction() as connection:
            connection.executemany(
                "UPDATE mail SET listed_at = ? WHERE digest = ?", [(seconds(now), digest) for digest in digests]
            )


def _insert(connection: sqlite3.Connection, event: Event, digest: bytes) -> bool:
    """Write an event once; one that says more takes the place of the other, whichever report came first."""
    values = (*values_of(event), domain_of(event.address), organisation(event.remote_mta), digest)
    if not connection.execute(_INSERT, values).rowcount:
        same = (event.address, text_of(event.list), text_of(event.original))
        ((trust, bounce_type, cleared),) = connection.execute(
            f"SELECT trust, bounce_type, cleared FROM event WHERE {_SAME}",
            same,
        ).fetchall()
        if _rank(event.trust, event.bounce_type) <= _rank(Trust(trust), bounce_type):
            return False
        connection.execute(f"DELETE FROM event WHERE {_SAME}", same)
        connection.execute(_INSERT, values)
        connection.execute(f"UPDATE event SET cleared = ? WHERE {_SAME}", (cleared, *same))
    connection.execute(
        "INSERT OR IGNORE INTO pending (address, list) VALUES (?, ?)", (event.address, text_of(event.list))
    )
    return True


def _rank(trust: Trust, bounce_type: str | None) -> tuple[bool, bool, int]:
    """Order two reports of one failure: a forged one must not make a true one worse, nor hide it."""
    return trust is not Trust.NONE, bounce_type == BounceType.HARD, _TRUST[trust]

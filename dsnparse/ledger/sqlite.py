"""The ledger as an SQLite file."""

from __future__ import annotations

from dsnparse.ledger.mails import Mails
from dsnparse.ledger.outbox import Outbox
from dsnparse.ledger.people import People
from dsnparse.ledger.sent import Sent
from dsnparse.ledger.storms import Storms

__all__ = ["SqliteLedger"]


class SqliteLedger(Mails, People, Storms, Outbox, Sent):
    """A ledger in one file; use it as a context manager.

    `open` opens it for a run, alone; `copy` a private copy that may be thrown away.
    """

"""Step 6: the ledger, which is the marker of what was read and the memory of what failed.

Import `dsnparse.ledger.sqlite` for the store itself: this module loads no database.
"""

from __future__ import annotations

from dsnparse.ledger.base import (
    Age,
    Current,
    Done,
    Due,
    Known,
    Ledger,
    LedgerBusyError,
    MailRecord,
    Past,
    State,
    Subscription,
)
from dsnparse.settings import state_path

__all__ = [
    "Age",
    "Current",
    "Done",
    "Due",
    "Known",
    "Ledger",
    "LedgerBusyError",
    "MailRecord",
    "Past",
    "State",
    "Subscription",
    "default_path",
]


def default_path() -> str:
    """Return where the ledger lies unless the user says: below XDG_STATE_HOME, or ~/.local/state where that is unset.

    A relative XDG_STATE_HOME is ignored, as the XDG Base Directory Specification asks.
    """
    return state_path("ledger.sqlite3")

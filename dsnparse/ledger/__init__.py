"""Step 6: the ledger, which is the marker of what was read and the memory of what failed.

Import `dsnparse.ledger.sqlite` for the store itself: this module loads no database.
"""

from __future__ import annotations

import os
from pathlib import Path

from dsnparse.ledger.base import Known, Ledger, LedgerBusyError, MailRecord, State

__all__ = ["Known", "Ledger", "LedgerBusyError", "MailRecord", "State", "default_path"]


def default_path() -> str:
    """Return where the ledger lies unless the user says: below XDG_STATE_HOME, or ~/.local/state where that is unset.

    A relative XDG_STATE_HOME is ignored, as the XDG Base Directory Specification asks.
    """
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "state"
    return str(base / "dsnparse" / "ledger.sqlite3")

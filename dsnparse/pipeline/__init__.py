"""The eight steps in order: mail, report, verdict, ledger, decision, list.

Killed at any point, the next run ends in the same state: mails and their events are committed before a mail is moved,
decisions before anything is done about them, and every step may be taken twice.
"""

from __future__ import annotations

from dsnparse.pipeline.acting import act
from dsnparse.pipeline.lines import Deed, Line, Summary
from dsnparse.pipeline.running import run
from dsnparse.pipeline.whole import process, work

__all__ = ["Deed", "Line", "Summary", "act", "process", "run", "work"]

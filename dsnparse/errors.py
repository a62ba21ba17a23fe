"""What dsnparse raises.

A bad mail never raises: it is a Defect in the report.  Bad configuration, a ledger that cannot be used and a path that
is no mail store do.
"""

from __future__ import annotations

__all__ = ["ConfigError", "DsnparseError", "LedgerError", "RulesError", "SourceError"]


class DsnparseError(Exception):
    """The base of all errors that dsnparse raises on purpose; `str()` of it is one line for a person."""


class ConfigError(DsnparseError):
    """A setting is unknown or has a bad value; the message names it."""


class RulesError(ConfigError):
    """A row in a rules file is bad; the message names the file, the row and the fault."""


class SourceError(DsnparseError):
    """A path holds no mail that can be read."""


class LedgerError(DsnparseError):
    """The ledger cannot be used now: locked, unwritable, damaged, or written by a newer dsnparse."""

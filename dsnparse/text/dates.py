"""Dates of mail (RFC 5322 section 3.3 and what programs make of it)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["parse_date"]


def parse_date(value: str | None) -> datetime | None:
    """Return the date with its zone, UTC where it states none; None for nonsense."""
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value[:100])
        return date if date.utcoffset() is not None else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the stdlib raises for bad and for odd dates
        return None

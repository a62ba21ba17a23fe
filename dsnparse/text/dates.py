"""Dates of mail (RFC 5322 section 3.3 and what programs make of it)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["parse_date"]

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS: Final = {name: f"{number:02}" for number, name in enumerate(_MONTHS, 1)}

# The form that the RFC asks for, read ten times as fast as by the stdlib, which reads all the others.
_PROPER: Final = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([12][0-9]{3}) "
    r"((?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}) ([+-][0-9]{2}[0-5][0-9])(?![^ ])"
)


def parse_date(value: str | None) -> datetime | None:
    """Return the date with its zone, UTC where it states none; None for nonsense."""
    if not value:
        return None
    try:
        if (found := _PROPER.match(value)) and found[2] in _NUMBERS:
            day, month, year, time, zone = found.groups()
            return datetime.fromisoformat(f"{year}-{_NUMBERS[month]}-{day:0>2}T{time}{zone}")
        date = parsedate_to_datetime(value[:100])
        return date if date.utcoffset() is not None else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # what the stdlib raises for bad and for odd dates
        return None

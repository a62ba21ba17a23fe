"""Makes a mail of a run neutral: dates become fixed ones.  Names and addresses are example ones from the start.

Nothing else changes, and every date keeps its form and length, so that the mail stays true to what the server prints.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# When every run is said to have begun: a day of two digits, because servers pad a single one differently.
START = datetime(2026, 3, 16, 9, 15, tzinfo=UTC)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC5322 = re.compile(
    rb"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9 ]?[0-9]) ([A-Z][a-z]{2}) (20\d\d) (\d\d):(\d\d):(\d\d)"
)
_CTIME = re.compile(rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([0-9 ]\d) (\d\d):(\d\d):(\d\d) (20\d\d)")


def neutral(mail: bytes, began: datetime) -> bytes:
    """Return the mail with every date moved as if the run had begun at START."""
    shift = START - began

    def rfc5322(found: re.Match[bytes]) -> bytes:
        weekday, day, month, year, *clock = (part.decode("ascii") for part in found.groups(default=b""))
        moved = _moved(day, month, year, clock, shift)
        text = f"{moved.day} {_MONTHS[moved.month - 1]} {moved:%Y %H:%M:%S}"
        return (f"{_DAYS[moved.weekday()]}, " * bool(weekday) + text).encode("ascii")

    def ctime(found: re.Match[bytes]) -> bytes:
        _, month, day, hour, minute, second, year = (part.decode("ascii") for part in found.groups())
        moved = _moved(day, month, year, [hour, minute, second], shift)
        return f"{_DAYS[moved.weekday()]} {_MONTHS[moved.month - 1]} {moved.day:2} {moved:%H:%M:%S %Y}".encode("ascii")

    mail = _CTIME.sub(ctime, _RFC5322.sub(rfc5322, mail))
    return mail.replace(f"{began:%Y%m%d}".encode(), f"{START:%Y%m%d}".encode())  # Message-IDs begin with the day


def _moved(day: str, month: str, year: str, clock: list[str], shift: timedelta) -> datetime:
    hour, minute, second = (int(part) for part in clock)
    stated = datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)
    return stated + shift

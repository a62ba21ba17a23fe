"""The sentences of `words.toml`, filled in, and times as people say them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

__all__ = ["in_words", "sentence", "words_of"]

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_DAYS_FROM: Final = 172_800  # up to here hours are clearer: "36 hours", not "1 day 12 hours"


@cache
def _tables() -> dict[str, dict[str, str]]:
    data = tomllib.loads(files("dsnparse.explaining").joinpath("words.toml").read_text("utf-8"))
    reasons: dict[str, dict[str, str]] = data.pop("reason")
    return data | {f"reason.{name}": row for name, row in reasons.items()}


def words_of(table: str) -> dict[str, str]:
    """Return a table of `words.toml` by its name, "fault" or "reason.user_unknown"."""
    return _tables()[table]


def sentence(table: str, name: str, **values: object) -> str:
    """Return one sentence with its gaps filled."""
    return words_of(table)[name].format(**values)


def in_words(seconds: int | None) -> str:
    """Return a time in the two largest units that it needs: "30 minutes", "5 days", "1 hour 30 minutes"."""
    left = seconds or 0
    parts: list[str] = []
    for size, name in _UNITS:
        if size > 3_600 and left < _DAYS_FROM and left % size:  # noqa: PLR2004 - seconds of an hour
            continue
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(parts[:2]) or "no time"

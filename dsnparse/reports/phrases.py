"""The words of phrases.toml, loaded once when first asked for."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

__all__ = ["words"]


@cache
def words(table: str) -> tuple[str, ...]:
    """Return the lower-case words of one table (notice, autoreply, daemon), in order, each once."""
    rows = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))[table]
    return tuple(dict.fromkeys(word for row in rows for word in row["words"]))

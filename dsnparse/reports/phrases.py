"""The words of phrases.toml, loaded once when first asked for, in their compiled form."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

__all__ = ["words"]


@cache
def _tables() -> dict[str, tuple[str, ...]]:
    text = files(__package__).joinpath("compiled.json").read_text("utf-8")
    return {name: tuple(words) for name, words in json.loads(text).items()}


def words(table: str) -> tuple[str, ...]:
    """Return the lower-case words of one table (notice, autoreply, daemon, ...), in order, each once."""
    return _tables()[table]

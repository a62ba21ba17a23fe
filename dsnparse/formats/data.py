"""The tables of formats, loaded once: compiled JSON, because TOML of this size takes many times as long to read."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["load", "words"]


@cache
def load(name: str) -> dict[str, Any]:
    """Return one table ("formats", "markers", "general") as compiled from its TOML file."""
    tables: dict[str, dict[str, Any]] = json.loads(files(__package__).joinpath("compiled.json").read_text("utf-8"))
    return tables[name]


@cache
def words(name: str) -> tuple[str, ...]:
    """Return one list of the table "general"."""
    return tuple(load("general")[name])

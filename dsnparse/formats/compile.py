"""Compile the TOML tables to compiled.json: `python -m dsnparse.formats.compile`, after every change to them."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

__all__ = ["TABLES", "compiled"]

TABLES: Final = ("formats", "general", "markers")


def compiled() -> str:
    """Return what compiled.json must hold."""
    here = files(__package__)
    tables = {name: tomllib.loads(here.joinpath(f"{name}.toml").read_text("utf-8")) for name in TABLES}
    return json.dumps(tables, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(str(files(__package__).joinpath("compiled.json"))).write_text(compiled(), "utf-8")

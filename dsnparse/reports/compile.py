"""Makes `compiled.json` of phrases.toml: `python -m dsnparse.reports.compile`, after every change to it.

Reading the TOML takes 20 ms, which a program that reads one mail would wait for; a test says that the JSON is current.
"""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

__all__ = ["compiled"]


def compiled() -> str:
    """Return what compiled.json must hold: the words of each table, in order, each once."""
    tables = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))
    words = {name: list(dict.fromkeys(word for row in rows for word in row["words"])) for name, rows in tables.items()}
    return json.dumps(words, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(str(files(__package__).joinpath("compiled.json"))).write_text(compiled(), "utf-8")

"""Write the table of formats into docs/formats.md: `python -m tests.formats.document`, after every change to them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from dsnparse import reading
from tests.conftest import FIXTURES

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
_SHOWN = 60
_LATER = ("formats-", "hostile")  # folders of mails that are no typical ones of their format


def rows() -> list[dict[str, Any]]:
    """Return the rows of formats.toml, in order."""
    text = files("dsnparse.formats").joinpath("formats.toml").read_text("utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["format"]
    return found


def fixtures() -> dict[str, str]:
    """Return for each format the first fixture that it reads."""
    found: dict[str, str] = {}
    for path in sorted(FIXTURES.glob("*/*.eml"), key=lambda path: (path.parent.name.startswith(_LATER), path)):
        name = reading.read(path.read_bytes()).format
        if name is not None:
            found.setdefault(name, f"{path.parent.name}/{path.name}")
    return found


def tell_tale(row: dict[str, Any]) -> str:
    """Return the first words by which a format is known."""
    for key in ("tell", "failed", "failed_sentence", "delayed", "delayed_sentence", "subject", "from"):
        if row.get(key) and row[key] != ["<"]:
            words = " ".join(row[key][0].split())
            return words if len(words) <= _SHOWN else words[:_SHOWN].rsplit(" ", 1)[0] + " ..."
    return ", ".join(f"{name}: {words[0]}" for name, words in row.get("header", {}).items())


def table() -> str:
    """Return the table as Markdown."""
    known = fixtures()
    lines = ["| format | system | tell-tale | provenance | source | fixture |", "|---|---|---|---|---|---|"]
    for row in rows():
        words = tell_tale(row).replace("|", "\\|").replace("`", "'")
        fixture = known.get(row["id"], "its example in formats.toml")
        cells = (f"`{row['id']}`", row["system"], f"`{words}`", row["provenance"], row["source"], fixture)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the page with a current table."""
    text = PAGE.read_text("utf-8")
    head, tail = text.partition(BEGIN)[0], text.partition(END)[2]
    return head + BEGIN + table() + END + tail


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

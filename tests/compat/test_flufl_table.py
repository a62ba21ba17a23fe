"""The published test table of flufl.bounce 6 against ours.

FLUFL_BOUNCE_SDIST names the unpacked sdist: pip download --no-binary :all: --no-deps flufl.bounce==6.0.0
"""

from __future__ import annotations

import ast
import os
from email import message_from_bytes
from pathlib import Path

import flufl.bounce
import pytest

from dsnparse import compat

SDIST = os.environ.get("FLUFL_BOUNCE_SDIST")
pytestmark = pytest.mark.skipif(not SDIST, reason="FLUFL_BOUNCE_SDIST is not set: no test table of flufl.bounce here")

# Rows that are wrong for what a mail says, and why.
WRONG = {
    "yale_01.txt": "the notice names `userx` without any domain; flufl.bounce makes up two addresses for it",
}

Row = tuple[str, str, list[bytes], bool]


def table() -> list[Row]:
    """Read the table out of the module's source: importing it would need its own helpers."""
    source = ast.parse((Path(SDIST or "") / "tests" / "test_detectors.py").read_text("utf-8"))
    for node in source.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "DETECTORS":
            rows: list[Row] = ast.literal_eval(node.value)
            return rows
    return []


ROWS = table() if SDIST else []


def test_the_table_was_found() -> None:
    assert len(ROWS) > 100


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_a_row_of_the_table(row: Row) -> None:
    """A row asks one detector; where that one finds nothing, all of flufl.bounce may still name somebody."""
    _, name, expected, temporary = row
    raw = (Path(SDIST or "") / "tests" / "data" / name).read_bytes()
    wanted = (frozenset(expected), frozenset()) if temporary else (frozenset(), frozenset(expected))
    found = compat.all_failures(message_from_bytes(raw))
    if name in WRONG:
        assert found != wanted, f"{name} fits now; take it out of WRONG"
    else:
        assert found in (wanted, flufl.bounce.all_failures(message_from_bytes(raw)))

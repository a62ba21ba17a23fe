"""Groups of fields are read at one stroke where they are sound, and must be what a reader line by line finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dsnparse import message
from dsnparse.reports.groups import Group, part_text, read_groups
from dsnparse.text.limits import Limits
from tests.conftest import FIXTURES
from tests.message.damage import damaged

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.model import Defect


def line_by_line(text: str) -> tuple[list[Group], int]:
    """Read groups the slow way; return them, and how many lines were no fields."""
    groups: list[list[tuple[str, list[str]]]] = [[]]
    open_field: list[str] | None = None
    strays = 0
    for line in text.split("\n"):
        field = re.fullmatch(r"[ \t]*([A-Za-z][A-Za-z0-9_-]{0,59})[ \t]*:(.*)", line)
        if not line.strip():
            open_field = None
            groups.append([])
        elif line[0] in " \t" and open_field is not None:
            open_field.append(line.strip())
        elif field:
            open_field = [field[2].strip()]
            groups[-1].append((field[1].lower(), open_field))
        else:
            strays += 1
            if open_field is not None and groups[-1][-1][0] in {"diagnostic-code", "localized-diagnostic"}:
                open_field.append(line.strip())
    return [[(name, " ".join(filter(None, lines))) for name, lines in group] for group in groups if group], strays


def assert_read_as_line_by_line(text: str) -> None:
    defects: list[Defect] = []
    groups, strays = line_by_line(text)
    assert read_groups(text, defects) == groups
    assert [defect.detail for defect in defects] == ([str(strays)] if strays else [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n\t\n",
        "A: 1\nB: 2\n\nC: 3\n",
        "\n\nA: 1\n \t\nB: 2",
        "A:\n 1\n\t2 \n  \n 3\n",
        "A: 1\n folded\n \nB: 2\n  indented field: 3\n",
        "  A: 1\nB: 2\n",
        "A \t: 1\nB\t:2\nC D: 3\n",
        "A: 1\nstray\nB: 2\n",
        "Diagnostic-Code: smtp; 550\nno such user\n 5.1.1\nAction: failed\nstray\n",
        "A" * 60 + ": 1\n" + "B" * 61 + ": 2\n",
        "A: 1\x0b\n\x0c\nB: 2\n \x1c\nC: 3\n\u00a0\nD: 4\n",
        "-A: 1\n: 2\n1: 3\n",
        "A: 1:2: 3\nB:\nC: \n",
        "A: 1" + "\n x" * 5_000,
        " " * 100_000,
        "A" * 100_000,
    ],
)
def test_parts_of_every_shape(text: str) -> None:
    assert_read_as_line_by_line(text)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/*.eml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_status_parts_of_fixtures_sound_and_damaged(path: Path) -> None:
    for part in message.read(path.read_bytes()).parts:
        if part.content_type.startswith("message/"):
            assert_read_as_line_by_line(part_text(part, [])[:20_000])
            for seed in range(4):
                text = damaged(part.decoded()[:5_000], seed).decode("latin-1")
                assert_read_as_line_by_line(text)


def test_a_field_beyond_the_limit_is_cut_and_told_once_in_a_damaged_part_too() -> None:
    for stray in ("", "stray\n"):
        defects: list[Defect] = []
        groups = read_groups(f"Status: {'5' * 20}\n{stray}", defects, Limits(status_field=10))
        assert groups == [[("status", "5" * 10)]]
        assert [one.code for one in defects].count("status_field_too_long") == 1

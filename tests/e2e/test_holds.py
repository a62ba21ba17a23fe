"""`dsnparse holds`: what guards stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.acted import RUN, acted, command, dead, inside, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return acted(tmp_path)


def test_list_says_who_is_held_and_why(box: Path) -> None:
    code, out, err = command(box, "holds", "list")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert [line[:4] for line in lines[1:]] == [
        ["carol@example.com", "news", "disable", "cap"],
        ["owner@example.org", "news", "disable", "protected"],
    ]
    assert "2 in 24 hours already, and no more than 2 may be (guard.number)" in out


def test_list_as_json_and_by_guard(box: Path) -> None:
    assert [row["held"] for row in rows(box, "holds", "list", "--json")] == ["cap", "protected"]
    (row,) = rows(box, "holds", "list", "--json", "--guard", "protected")
    assert (row["address"], row["event"]["reason"]) == ("owner@example.org", "user_unknown")


def test_release_lets_the_next_run_do_it_whatever_the_guards_say(box: Path) -> None:
    assert command(box, "holds", "release", "--guard", "cap") == (0, "released  carol@example.com  news\n", "")
    assert inside(box, *RUN, "--max", "0").returncode == 0
    assert dead(box) == ["alice@example.org", "bob@example.net", "carol@example.com"]
    assert [row["address"] for row in rows(box, "holds", "list", "--json")] == ["owner@example.org"]
    assert command(box, "holds", "release", "--guard", "cap") == (1, "nothing that is held matches\n", "")


def test_drop_ends_it(box: Path) -> None:
    code, out, _ = command(box, "holds", "drop", "--all")
    assert (code, out) == (0, "dropped  carol@example.com  news\ndropped  owner@example.org  news\n")
    assert inside(box, *RUN, "--max", "100").returncode == 0
    assert dead(box) == ["alice@example.org", "bob@example.net"]
    assert rows(box, "holds", "list", "--json") == []


def test_a_storm_that_nobody_knows_is_exit_1(box: Path) -> None:
    assert command(box, "holds", "release", "--storm", "domain:example.net")[:2] == (
        1,
        "0 bad days released: domain:example.net\n",
    )

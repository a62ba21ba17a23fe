"""Every limit can be set, is reported when it is reached, and not before."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import dsnparse
from dsnparse import reading
from dsnparse.errors import ConfigError
from dsnparse.settings import Table
from dsnparse.text.limits import DEFAULT, REACHED, Limits
from tests.hostile.limit_cases import CASES, END, HEAD, REPORT, STATUS, WORDS, groups

# Numbers of that name which are no limit on what a mail may hold.
OTHERS = {"_MAX_WITHIN"}  # of a row of rules

CORE = ("text", "smtp", "message.py", "reports", "formats", "status", "reading.py")


def codes(raw: bytes, **changed: int) -> set[str]:
    report = reading.read(raw, limits=Limits(**changed))
    return {defect.code for defect in report.defects} & REACHED


@pytest.mark.parametrize(("name", "most", "code", "within", "beyond"), CASES.values(), ids=CASES.keys())
def test_a_limit_is_reported_when_it_is_reached_and_not_before(
    name: str, most: int, code: str, within: bytes, beyond: bytes
) -> None:
    assert code not in codes(within, **{name: most})
    assert code in codes(beyond, **{name: most})
    assert code not in codes(beyond)


def test_every_limit_and_every_code_has_a_case() -> None:
    assert {name for name, *_ in CASES.values()} == {field.name for field in fields(Limits)}
    assert {code for _, _, code, *_ in CASES.values()} == REACHED


def test_a_returned_mail_that_is_cut_misses_nobody() -> None:
    marker = b"\n--- Below this line is a copy of the message.\n\nReturn-Path: <a@example.org>\nReceived: from a\n\n"
    assert not codes(HEAD + WORDS + marker + b"a" * 1000, text=300)


def test_limits_of_a_report_in_a_notice_are_told_too() -> None:
    inner = REPORT + STATUS + groups(3) + END
    outer = HEAD + b"Content-Type: message/rfc822\n\n" + inner
    report = reading.read(outer, limits=Limits(recipients=2))
    assert {defect.code for defect in report.defects} >= {"too_many_recipients", "report_wrapped"}
    assert len(report.recipients) == 2


def test_a_flood_of_defects_hides_none_by_which_a_mail_is_left_to_a_person() -> None:
    letter = b"From: bob@example.com\nSubject: Fwd: x\nContent-Type: multipart/mixed; boundary=z\n\n"
    broken = b"--z\nContent-Type: multipart/mixed\n\n" * 5
    raw = letter + broken + b"--z\nContent-Type: message/rfc822\n\n" + REPORT + STATUS + groups(3) + END
    told = [defect.code for defect in reading.read(raw, limits=Limits(defects=2, recipients=2)).defects]
    assert len(told) < 7
    assert {"report_forwarded", "too_many_recipients", "too_many_defects"} <= set(told)


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
@pytest.mark.parametrize("value", [0, -1, 10**12, True, 1.5, "9", None])
def test_a_bad_limit_is_an_error_that_names_it(name: str, value: Any) -> None:  # noqa: ANN401 - anything
    with pytest.raises(ConfigError, match=rf"limits\.{name}: "):
        Limits(**{name: value})


def test_a_table_sets_limits_and_leaves_the_others() -> None:
    assert Limits.from_table(Table({}, "limits")) == DEFAULT
    assert Limits.from_table(Table({"depth": 10}, "limits")) == Limits(depth=10)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"depht": 10}, r"limits\.depht: is no setting"),
        ({"depth": "10"}, r"limits\.depth: must be a whole number"),
        ({"depth": 0}, r"limits\.depth: must be"),
        ({"recipients": 5000}, r"limits\.recipients: must be"),
    ],
)
def test_a_bad_table_of_limits_is_an_error_that_names_the_key(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Limits.from_table(Table(values, "limits"))


def named(path: Path) -> set[str]:
    """Return the names assigned at the top of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    targets = [
        target
        for node in tree.body
        for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def test_limits_stand_in_one_place() -> None:
    package = Path(dsnparse.__path__[0])
    modules = [path for room in CORE for path in (package / room, *(package / room).rglob("*.py")) if path.is_file()]
    found = {name for path in modules if path.name != "limits.py" for name in named(path)}
    assert len(modules) > 40
    assert {name for name in found if "MAX_" in name} == OTHERS

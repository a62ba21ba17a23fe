"""What holds for the report on any bytes whatever."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dsnparse.cli.lines import report_line
from dsnparse.model import BounceType, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsnparse.model import Report

__all__ = ["assert_row", "assert_sound"]


@cache
def _errors() -> Callable[[Any], Any]:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # noqa: PLC0415 - 100 ms, for some

    schema = json.loads(files("dsnparse").joinpath("report.schema.json").read_text("utf-8"))
    errors: Callable[[Any], Any] = Draft202012Validator(schema).iter_errors
    return errors


def assert_sound(report: Report) -> None:
    """State that dsnparse did not fail, and that only a failed, or unnamed, recipient is dead, and only in a bounce."""
    assert "internal_error" not in {defect.code for defect in report.defects}
    for recipient in report.recipients:
        if recipient.verdict.bounce_type is BounceType.HARD:
            assert report.kind is Kind.BOUNCE
            assert recipient.action in {"failed", None}
            codes = (recipient.status, recipient.reported_status, recipient.reply_status, recipient.reply_code)
            assert not {code[0] for code in codes if code} - {"5"}


def assert_row(report: Report) -> None:
    """State that the report's line of JSON is ASCII, has no half of a surrogate pair, and keeps to the schema."""
    line = report_line("a", 0, report)
    assert line.isascii()
    assert line.endswith("}\n")
    row = json.loads(line)
    json.dumps(row, ensure_ascii=False).encode("utf-8")  # fails on half a surrogate pair
    assert not list(_errors()(row))

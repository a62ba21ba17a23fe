"""A mail of which a limit left out something that may name somebody stays for a person; every other one is judged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dsnparse import parse
from dsnparse.config import default
from dsnparse.ledger import State
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.pipeline.intake import Intake
from dsnparse.sources import Found
from dsnparse.text.limits import Limits
from tests.hostile.limit_cases import CASES, END, FAILED

if TYPE_CHECKING:
    from dsnparse.model import Report

# Codes that leave nobody out, whatever was cut.
NOBODY_MISSED = {"header_field_too_long", "returned_header_too_long", "status_field_too_long", "too_many_defects"}


def state(raw: bytes, limits: Limits) -> tuple[State, Report]:
    found = Found(source="a", index=0, raw=raw)
    with SqliteLedger.copy("none") as ledger:
        intake = Intake(default(), ledger, datetime(2026, 1, 1, tzinfo=UTC))
        read = intake.take(found, parse(raw, limits=limits), b"\x00" * 32)
    return read.record.state, read.report


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[2] not in NOBODY_MISSED])
def test_a_mail_in_which_somebody_may_be_missing_stays_for_a_person(name: str) -> None:
    limit, most, code, _, beyond = CASES[name]
    left, report = state(beyond, Limits(**{limit: most}))
    assert code in {defect.code for defect in report.defects}
    assert left is State.NOT_UNDERSTOOD


@pytest.mark.parametrize("code", sorted(NOBODY_MISSED))
def test_a_mail_in_which_nobody_can_be_missing_is_judged(code: str) -> None:
    limit, most, _, _, beyond = next(case for case in reversed(CASES.values()) if case[2] == code)
    if code == "header_field_too_long":
        beyond = FAILED.replace(b"Subject: ", b"Subject: " + b"a" * 200, 1) + END
        most = 150
    left, report = state(beyond, Limits(**{limit: most}))
    assert code in {defect.code for defect in report.defects}
    assert left is State.JUDGED

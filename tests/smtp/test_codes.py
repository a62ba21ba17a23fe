from __future__ import annotations

import pytest

from dsnparse.model import Reason
from dsnparse.smtp import codes


def test_every_registered_code_has_its_words() -> None:
    rows = codes.all_enhanced()
    assert len(rows) == 81
    assert all(row.title and row.meaning and row.defined_in and row.registered for row in rows)


@pytest.mark.parametrize(
    ("code", "key", "registered"),
    [
        ("5.1.1", "X.1.1", True),
        ("4.7.26", "X.7.26", True),
        ("5.1.351", "X.1.0", False),
        ("5.9.9", "X.0.0", False),
        ("4.16.5", "X.0.0", False),
    ],
)
def test_an_unknown_detail_falls_back(code: str, key: str, *, registered: bool) -> None:
    row = codes.enhanced(code)
    assert row is not None
    assert (row.key, row.registered, codes.is_registered(code)) == (key, registered, registered)


@pytest.mark.parametrize(
    "text", ["", "550", "1.0.1", "3.5.4", "5.1", "5.1.1.1", "5.1.1x", "5.01.1", "5.1.01", "5.1.1234", "x"]
)
def test_no_enhanced_code(text: str) -> None:
    assert codes.parse_enhanced(text) is None
    assert codes.enhanced(text) is None


def test_a_comment_may_follow() -> None:
    assert str(codes.parse_enhanced("5.1.1 (bad destination mailbox address)")) == "5.1.1"


def test_codes_compare_as_numbers() -> None:
    low, high = codes.parse_enhanced("5.1.9"), codes.parse_enhanced("5.1.10")
    assert low is not None
    assert high is not None
    assert low < high
    assert (low.specificity, codes.EnhancedStatus(5, 1, 0).specificity, codes.EnhancedStatus(5, 0, 0).specificity) == (
        2,
        1,
        0,
    )


@pytest.mark.parametrize(
    ("code", "reason", "hard"),
    [
        ("5.1.1", Reason.USER_UNKNOWN, True),
        ("4.1.1", Reason.USER_UNKNOWN, False),
        ("5.2.2", Reason.MAILBOX_FULL, False),
        ("5.1.0", Reason.USER_UNKNOWN, None),
        ("5.1.351", Reason.USER_UNKNOWN, None),
        ("5.1.5", None, None),
        ("2.1.5", None, None),
        ("5.0.0", None, None),
        ("5.7.1", Reason.POLICY_REFUSED, False),
    ],
)
def test_what_a_code_alone_says(code: str, reason: Reason | None, *, hard: bool | None) -> None:
    row = codes.enhanced(code)
    assert row is not None
    assert (row.reason, row.hard) == (reason, hard)


def test_reply_codes() -> None:
    row = codes.reply_code("550")
    assert row is not None
    assert (row.reason, row.hard, row.standing) == (None, None, "standard")
    unknown = codes.reply_code("559")
    assert unknown is not None
    assert (unknown.title, unknown.hard) == ("Permanent failure", None)
    assert len({row.code for row in codes.all_replies()}) == len(codes.all_replies())


@pytest.mark.parametrize("text", ["404", "101", "111", "600", "55", "5500", "abc", "", "\u0665\u0665\u0660"])
def test_no_reply_code(text: str) -> None:
    assert codes.reply_code(text) is None


def test_classes() -> None:
    assert [codes.class_(code) for code in ("5.1.1", "450", "1.0.1", None)] == [5, 4, None, None]


@pytest.mark.parametrize("code", ["1.0.1", "3.5.4", "4.5.1", "5.5.0", "4.4.9", "5.4.1"])
def test_other_meanings_are_known(code: str) -> None:
    (row,) = codes.other_meanings(code)
    assert row.meaning
    assert row.note


def test_a_code_without_another_meaning() -> None:
    assert codes.other_meanings("5.7.26") == ()

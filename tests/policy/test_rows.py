from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dsnparse.errors import ConfigError
from dsnparse.model import Reason, Wanted
from dsnparse.policy import PRESETS, Policy, Row, from_table, preset
from dsnparse.policy.kinds import KINDS
from dsnparse.settings import Table

WEEK = timedelta(days=7)


def policy(values: dict[str, Any]) -> Policy:
    return from_table(Table(values, "policy"))


def test_nothing_set_is_the_careful_preset() -> None:
    assert policy({}) == preset("careful")
    assert PRESETS[0] == "careful"


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_can_be_named_and_says_what_a_complaint_does(name: str) -> None:
    named = policy({"preset": name})
    assert named == preset(name)
    assert named.name == name
    assert named.settle == timedelta(hours=24)
    row = named.row("complaint")
    assert row is not None
    assert (row.failures, row.action) == (1, Wanted.REMOVE)


@pytest.mark.parametrize("name", PRESETS)
def test_rows_are_for_kinds_that_count(name: str) -> None:
    assert set(preset(name).rows) <= {*KINDS, "any"}
    assert all(preset(name).row(kind) is None for kind in ("recipient_refused", "greylisted", "tls_failure"))


def test_the_windows_hold_as_many_monthly_mailings_as_are_needed() -> None:
    for kind in ("user_unknown", "mailbox_disabled", "domain_not_found", "mailbox_full", "expired"):
        row = preset("careful").rows[kind]
        assert row.window is not None
        assert row.window >= timedelta(days=31 * (row.unproven - 1) + 5)


def test_single_numbers_are_set_over_the_preset() -> None:
    changed = policy(
        {
            "settle": "2h",
            "accept_unsigned": True,
            "reason": {"mailbox_full": {"failures": 5, "stale": "7d", "disable_for": "60d"}},
        }
    )
    usual = preset("careful").rows["mailbox_full"]
    row = changed.rows["mailbox_full"]
    assert (changed.settle, changed.accept_unsigned) == (timedelta(hours=2), True)
    assert (row.failures, row.unproven, row.stale, row.disable_for) == (5, 5, WEEK, timedelta(days=60))
    assert (row.days, row.span, row.window, row.action) == (usual.days, usual.span, usual.window, usual.action)
    assert {kind: row for kind, row in changed.rows.items() if kind != "mailbox_full"} == {
        kind: row for kind, row in preset("careful").rows.items() if kind != "mailbox_full"
    }


def test_one_failure_needs_no_second_day() -> None:
    row = policy({"reason": {"domain_not_found": {"failures": 1}}}).rows["domain_not_found"]
    assert (row.failures, row.unproven, row.days, row.span) == (1, 3, 1, timedelta(0))


def test_zero_is_never_or_no_limit() -> None:
    changed = policy({"reason": {"mailbox_full": {"failures": 0}, "expired": {"window": "0d", "disable_for": "0d"}}})
    assert changed.row("mailbox_full") is None
    row = changed.row("expired")
    assert row is not None
    assert (row.window, row.disable_for) == (None, None)


def test_what_no_preset_counts_an_owner_may_count() -> None:
    row = policy({"reason": {"recipient_refused": {"failures": 5}}}).row("recipient_refused")
    assert row == Row(failures=5, unproven=5)


def test_an_own_row_takes_a_kind_out_of_the_common_count_and_begins_with_its_numbers() -> None:
    changed = policy({"preset": "mailman", "reason": {"user_unknown": {"failures": 2}}})
    assert (changed.count_of("user_unknown"), changed.count_of("mailbox_full")) == ("user_unknown", "any")
    assert changed.rows["user_unknown"] == Row(failures=2, unproven=5, days=2, stale=WEEK)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"preset": "strict"}, "policy.preset: 'strict' is none of careful, esp, mailman"),
        ({"settel": "24h"}, "policy.settel: is no setting"),
        ({"settle": 24}, "policy.settle: must be a string"),
        ({"accept_unsigned": "yes"}, "policy.accept_unsigned: must be true or false"),
        ({"reason": []}, "policy.reason: must be a table"),
        ({"reason": {"user_unkown": {}}}, "policy.reason.user_unkown: is no reason; "),
        ({"reason": {"spam_content": {}}}, "policy.reason.spam_content: is never counted against an address; "),
        ({"reason": {"undetermined": {}}}, "policy.reason.undetermined: is never counted against an address; "),
        ({"reason": {"any": {}}}, "policy.reason.any: is no reason; "),
        ({"reason": {"expired": 3}}, "policy.reason.expired: must be a table"),
        ({"reason": {"expired": {"failure": 3}}}, "policy.reason.expired.failure: is no setting"),
        ({"reason": {"expired": {"failures": -1}}}, "policy.reason.expired.failures: must be at least 0"),
        ({"reason": {"expired": {"failures": True}}}, "policy.reason.expired.failures: must be a whole number"),
        ({"reason": {"expired": {"unproven": 2}}}, "policy.reason.expired.unproven: is less than failures (3)"),
        ({"reason": {"expired": {"days": 4}}}, "policy.reason.expired.days: is more than failures (3)"),
        ({"reason": {"expired": {"window": "10d"}}}, "policy.reason.expired.window: must be longer than span"),
        ({"reason": {"expired": {"action": "restore"}}}, "policy.reason.expired.action: 'restore' is none of"),
        ({"reason": {"expired": {"disable_for": "soon"}}}, "policy.reason.expired.disable_for: must be a time"),
    ],
)
def test_a_bad_setting_is_an_error_that_names_it(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        policy(values)
    assert str(caught.value).startswith(words)


def test_every_reason_is_counted_or_never() -> None:
    assert set(KINDS) - {"complaint", "unsure"} <= set(Reason)

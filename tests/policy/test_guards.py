from __future__ import annotations

from typing import Any

import pytest

from dsnparse.errors import ConfigError
from dsnparse.policy import GuardSettings, Storm, Tally, domain_of, organisation, storms
from dsnparse.settings import Table
from tests.policy.events import at, failure

USUAL = GuardSettings()
NOW = at(0)
BUSY = (0, 0, 40, 5, 1, 0, 0) * 8  # a mailing a week
QUIET = (0,) * 56


def tally(day: int, week: int, history: tuple[int, ...] = (), mailed: int | None = None) -> Tally:
    return Tally(
        group="domain:example.net",
        addresses_day=day,
        addresses_week=week,
        history=history,
        mailed=mailed,
        first_at=at(-6),
        last_at=at(-0.1),
    )


@pytest.mark.parametrize(
    ("one", "storm"),
    [
        (tally(25, 25), False),  # so few are never one
        (tally(26, 26), True),
        (tally(26, 26, QUIET), True),
        (tally(20, 50), False),
        (tally(20, 51), True),  # the slow one
        (tally(10, 51, QUIET), True),
        (tally(120, 92, BUSY), False),  # three times the usual busiest day
        (tally(121, 92, BUSY), True),
        (tally(40, 92, BUSY), False),  # twice the usual week
        (tally(40, 93, BUSY), True),
        (tally(70, 70, (), 7000), False),  # the first mailing to a list with dead addresses: one in a hundred
        (tally(71, 71, (), 7000), True),
        (tally(30, 30, (), 100), True),  # never below the cap, yet above it a share is no excuse
        (tally(60, 60, BUSY, 4000), True),  # usual, but too many of those that are mailed
        (tally(25, 25, QUIET, 30), False),
    ],
)
def test_a_storm_is_a_leap_above_what_is_usual(one: Tally, *, storm: bool) -> None:
    assert bool(storms([one], USUAL, NOW)) is storm


@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_a_past_storm_does_not_raise_the_bar(weeks: int) -> None:
    bad = (9000, 9000, 9000, 9000, 9000, 9000, 9000) * weeks
    assert storms([tally(121, 121, bad + BUSY[7 * weeks :])], USUAL, NOW)
    assert storms([tally(26, 26, bad + QUIET[7 * weeks :])], USUAL, NOW)


@pytest.mark.parametrize("days", [0, 6, 7, 20])
def test_a_history_of_less_than_three_weeks_says_nothing(days: int) -> None:
    assert storms([tally(26, 26, (40,) * days)], USUAL, NOW)
    assert not storms([tally(26, 26, (40,) * 21)], USUAL, NOW)


def test_a_storm_lasts_from_the_first_failure_of_the_week_and_is_explained() -> None:
    (storm,) = storms([tally(1234, 1300)], USUAL, NOW)
    assert storm == Storm(
        group="domain:example.net",
        since=at(-6),
        until=NOW,
        addresses=1234,
        why="1234 addresses at example.net failed for good in a day; more than 25 is not believed",
    )
    (slow,) = storms([tally(3, 1300, BUSY)], USUAL, NOW)
    assert slow.why == "1300 addresses at example.net failed for good in a week; more than 92 is not believed"


def test_each_group_has_its_own_storm_and_an_owner_may_switch_them_off() -> None:
    calm, wild = tally(1, 1), tally(500, 500)
    assert len(storms([calm, wild, calm], USUAL, NOW)) == 1
    assert storms([wild], GuardSettings(storm=False), NOW) == []


@pytest.mark.parametrize(
    ("day", "address", "remote_mta", "covered"),
    [
        (0, "a@example.net", None, True),
        (0, "a@EXAMPLE.NET", None, True),
        (0.99, "a@example.net", "mx.example.com", True),
        (1.01, "a@example.net", None, False),
        (-0.01, "a@example.net", None, False),
        (0.5, "a@sub.example.net", None, False),
        (0.5, "a@example.org", "mx.example.net", False),  # the storm is of a domain, not of the organisation
    ],
)
def test_a_storm_covers_the_failures_of_its_group_and_time(
    day: float, address: str, remote_mta: str | None, *, covered: bool
) -> None:
    storm = Storm(group="domain:example.net", since=at(0), until=at(1), addresses=1, why="")
    assert storm.covers(failure(day, address=address, remote_mta=remote_mta)) is covered


def test_a_storm_of_an_organisation_covers_all_domains_that_it_serves() -> None:
    storm = Storm(group="organisation:example.com", since=at(0), until=at(1), addresses=1, why="")
    assert storm.covers(failure(address="a@example.net", remote_mta="mx7.eu.example.com"))
    assert not storm.covers(failure(address="a@example.net", remote_mta=None))
    assert not storm.covers(failure(address="a@example.com", remote_mta="mx.example.org"))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("gmail-smtp-in.l.example.com", "example.com"),
        ("MX1.Example.ORG.", "example.org"),
        ("example.net", "example.net"),
        ("mx.shop.co.uk", "shop.co.uk"),
        ("mx.uni.ac.at", "uni.ac.at"),
        ("mx.example.de", "example.de"),
        ("co.uk", "co.uk"),
        ("mx.co.example", "co.example"),  # no country code
        ("localhost", None),
        ("192.0.2.1", None),
        ("[192.0.2.1]", None),
        ("[IPv6:2001:db8::1]", None),
        ("2001:db8::1", None),
        ("", None),
        (None, None),
        ("a b.example.net", None),
        ("mx.example.net\r\nBcc: x", None),
        ("a." * 200 + "net", None),
        ("..", None),
    ],
)
def test_who_runs_a_server(host: str | None, name: str | None) -> None:
    assert organisation(host) == name


def test_the_domain_of_an_address() -> None:
    assert domain_of("Alice@EXAMPLE.net") == "example.net"


def test_the_settings_of_the_guards() -> None:
    table = {"storm_cap": 9, "storm_share": "3 %", "number": 3, "share": "10 %", "storm": False}
    settings = GuardSettings.from_table(Table(table, "guard"))
    assert settings == GuardSettings(storm_cap=9, storm_share=0.03, number=3, share=0.1, storm=False)
    assert GuardSettings.from_table(Table({}, "guard")) == USUAL


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"storms": True}, "guard.storms: is no setting"),
        ({"storm": 1}, "guard.storm: must be true or false"),
        ({"storm_cap": 0}, "guard.storm_cap: must be at least 1"),
        ({"storm_factor": 0}, "guard.storm_factor: must be at least 1"),
        ({"share": 5}, "guard.share: must be a string"),
        ({"share": "500 %"}, "guard.share: must be a share"),
        ({"number": -1}, "guard.number: must be at least 0"),
    ],
)
def test_a_bad_setting_of_the_guards_names_its_key(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        GuardSettings.from_table(Table(values, "guard"))
    assert str(caught.value).startswith(words)

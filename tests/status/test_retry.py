from __future__ import annotations

from itertools import pairwise

import pytest

from dsnparse.model import Block, Reason, RetryAdvice
from dsnparse.status import judge, reason_facts, schedule, stated_delay, vocabularies, vocabulary

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("451 4.7.1 Greylisting in action, please come back in 00:02:00", 120),
        ("450 Greylisted, please try again in 300 seconds", 300),
        ("450 try again in 5 minutes", 300),
        ("451 retry after 2 hours", 7200),
        ("Greylisted for 60 seconds", 60),
        ("try again later", None),
        ("the message was in the queue for 5 days", None),
        ("come back in 0 seconds", None),
        ("try again in 400 days", None),
        ("", None),
    ],
)
def test_a_time_stated_in_the_text(text: str, seconds: int | None) -> None:
    assert stated_delay(text) == seconds


@pytest.mark.parametrize("reason", list(Reason))
def test_a_schedule_grows_and_ends(reason: Reason) -> None:
    times = list(schedule(reason))
    gaps = [later - earlier for earlier, later in pairwise([0, *times])]
    assert times == sorted(set(times))
    assert all(time <= 5 * DAY for time in times)
    assert all(earlier <= later for earlier, later in pairwise(gaps))
    assert reason_facts(reason).retry_source


def test_the_plain_schedule_follows_rfc_5321() -> None:
    times = list(schedule(Reason.NETWORK_ERROR))
    assert times[0] == 1800
    assert 4 * DAY <= times[-1] <= 5 * DAY


def test_a_schedule_heeds_the_text_and_the_limit() -> None:
    assert next(schedule(Reason.GREYLISTED, text="try again in 300 seconds")) == 300
    assert all(time <= 7200 for time in schedule(Reason.NETWORK_ERROR, until_seconds=7200))
    assert list(schedule(Reason.TOO_MANY_RECIPIENTS))[0] == 0  # noqa: RUF015 - the whole list must end


def test_waiting_does_not_shrink_a_message() -> None:
    assert list(schedule(Reason.MESSAGE_TOO_BIG)) == []


@pytest.mark.parametrize(
    ("text", "retry", "address"),
    [
        ("550 5.1.1 User unknown", "stop", "drop"),
        ("450 4.1.1 User unknown", "retry", "pause"),
        ("552 5.2.2 Mailbox full", "retry", "pause"),
        ("452 4.5.3 Too many recipients", "split", "keep"),
        ("450 4.2.0 Greylisted", "retry", "keep"),
        ("421 4.7.28 rate limited", "retry_slower", "keep"),
        ("552 5.3.4 Message too big", "fix_and_resend", "keep"),
        ("554 5.7.1 listed at zen.spamhaus.org", "ask_a_person", "keep"),
        ("550 forged or deactivated sender, user unknown", "ask_a_person", "pause"),
    ],
)
def test_advice(text: str, retry: str, address: str) -> None:
    verdict = judge(Block(diagnostic=text))
    assert verdict.retry is not None
    assert verdict.address_advice is not None
    assert (verdict.retry.advice, verdict.address_advice.advice) == (retry, address)


def test_the_stated_time_is_in_the_advice() -> None:
    verdict = judge(Block(diagnostic="450 4.2.0 Greylisted, please try again in 300 seconds"))
    assert verdict.retry is not None
    assert (verdict.retry.advice, verdict.retry.after_seconds) == (RetryAdvice.RETRY, 300)


def test_every_reason_has_a_name_in_every_vocabulary() -> None:
    assert "sisimai" in vocabularies()
    for system in vocabularies():
        assert all(vocabulary(system, reason) for reason in Reason)
    assert vocabulary("sisimai", Reason.MAILBOX_DISABLED) == "suspend"
    assert vocabulary("none", Reason.VIRUS) is None

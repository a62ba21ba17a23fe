from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dsnparse.config import ListSettings, default
from dsnparse.ledger import State
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.model import BounceType, Defect, Kind, Report
from dsnparse.pipeline.intake import HEADERS, Intake, Reading
from dsnparse.reading import parse
from dsnparse.sources import Found
from tests.pipeline.mails import FULL, LETTER, SILENT, bounce, complaint

if TYPE_CHECKING:
    from dsnparse.config import Config

NOW = datetime(2026, 1, 2, tzinfo=UTC)
COMPLAINT = complaint("alice@example.org")
VACATION = b"From: alice@example.org\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nI am away.\n"


def read(raw: bytes, time: float | None = None, report: Report | None = None, config: Config | None = None) -> Reading:
    found = Found(source="1", raw=raw, time=time)
    with SqliteLedger.copy("none") as ledger:
        intake = Intake(config or default(), ledger, NOW)
        return intake.take(found, report or parse(raw, headers=HEADERS), b"\x01" * 32)


@pytest.mark.parametrize(
    ("raw", "state", "note"),
    [
        (bounce("alice@example.org"), State.JUDGED, ""),
        (bounce("alice@example.org", FULL), State.JUDGED, ""),
        (bounce("alice@example.org", FULL, action="delayed"), State.JUDGED, ""),
        (bounce("alice@example.org", ("2.0.0", "250 2.0.0 Ok"), action="relayed"), State.JUDGED, ""),
        (VACATION, State.JUDGED, ""),
        (LETTER, State.PERSON, "no report"),
        (b"", State.PERSON, "no report"),
        (COMPLAINT, State.JUDGED, ""),
        (COMPLAINT.replace(b"abuse", b"not-spam"), State.PERSON, "a complaint"),
        (COMPLAINT.replace(b"abuse", b"auth-failure"), State.PERSON, "a complaint"),
        (COMPLAINT.replace(b"alice@example.org", b"redacted"), State.PERSON, "a complaint"),
        (bounce("alice@example.org", SILENT), State.NOT_UNDERSTOOD, "does not say why"),
        (bounce("alice"), State.NOT_UNDERSTOOD, "names no usable address"),
        (bounce("-x@example.org"), State.NOT_UNDERSTOOD, "names no usable address"),
    ],
)
def test_a_mail_is_done_with_when_every_recipient_in_it_was_judged(raw: bytes, state: State, note: str) -> None:
    reading = read(raw)
    assert (reading.record.state, reading.note) == (state, note)


@pytest.mark.parametrize(
    ("report", "note"),
    [
        (Report(kind=Kind.BOUNCE), "names no recipient"),
        (Report(defects=(Defect(code="internal_error"),)), "dsnparse failed on it"),
        (Report(kind=Kind.AUTOREPLY, defects=(Defect(code="message_too_large"),)), "read in part: message_too_large"),
    ],
)
def test_a_mail_that_was_not_read_whole_is_left_to_a_person(report: Report, note: str) -> None:
    reading = read(b"", report=report)
    assert (reading.record.state, reading.note) == (State.NOT_UNDERSTOOD, note)


def test_a_failure_becomes_an_event_with_what_the_report_says() -> None:
    (event,) = read(bounce("alice@Example.ORG"), time=1_700_000_000).events
    assert event is not None
    assert (event.address, event.original, event.bounce_type, event.status, event.reply_code, event.diagnostic) == (
        "alice@example.org",
        "news-1@example.org",
        BounceType.HARD,
        "5.1.1",
        "550",
        "550 5.1.1 User unknown",
    )
    assert event.at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_a_delay_and_a_success_are_no_events() -> None:
    assert read(bounce("alice@example.org", FULL, action="delayed")).events == (None,)
    assert read(bounce("alice@example.org", action="delivered")).events == (None,)


def test_the_subscriber_is_the_address_that_we_mailed_not_where_it_was_forwarded_to() -> None:
    raw = bounce("old@example.net").replace(b"rfc822;old@example.net", b"rfc822;alice@example.org")
    (event,) = read(raw).events
    assert event is not None
    assert (event.address, event.final_address) == ("alice@example.org", "old@example.net")


def test_a_host_that_was_rewritten_is_no_forwarding() -> None:
    raw = bounce("alice@mail.example.org").replace(b"rfc822;alice@mail.example.org", b"rfc822;alice@example.org")
    (event,) = read(raw).events
    assert event is not None
    assert (event.address, event.final_address) == ("alice@example.org", None)


def test_without_a_message_id_the_mail_itself_stands_for_the_original() -> None:
    (event,) = read(bounce("alice@example.org", message_id=None)).events
    assert event is not None
    assert event.original == "sha256:" + "01" * 32


@pytest.mark.parametrize("time", [None, NOW.timestamp() + 1e6, 1e300])
def test_no_event_is_later_than_now(time: float | None) -> None:
    (event,) = read(bounce("alice@example.org"), time=time).events
    assert event is not None
    assert event.at == NOW


def test_a_file_older_than_1970_is_no_error() -> None:
    (event,) = read(bounce("alice@example.org"), time=-1e300).events
    assert event is not None
    assert NOW - event.at > timedelta(days=365 * 50)


def test_a_complaint_is_an_event_of_its_own_kind() -> None:
    (event,) = read(COMPLAINT).events
    assert event is not None
    assert (event.address, event.feedback_type, event.bounce_type) == ("alice@example.org", "abuse", None)
    assert event.original.startswith("abuse:")


def test_the_time_is_that_of_our_own_server_and_never_the_senders() -> None:
    theirs = b"Received: from x by mx.example.net; Thu, 1 Jan 2026 01:00:00 +0000\n"
    ours = b"Received: from x by mx.example.org; Thu, 1 Jan 2026 02:00:00 +0000\n"
    config = replace(default(), trust=replace(default().trust, own_hosts=("mx.example.org",)))
    (event,) = read(ours + theirs + bounce("alice@example.org"), time=1.0, config=config).events
    assert event is not None
    assert event.at == datetime(2026, 1, 1, 2, tzinfo=UTC)
    (event,) = read(theirs + bounce("alice@example.org"), time=1_700_000_000, config=config).events
    assert event is not None
    assert event.at == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ((), ""),
        ((ListSettings(name="news", list_ids=("news.example.org",)),), "news"),
        ((ListSettings(name="other", list_ids=("other.example.org",)),), ""),
    ],
)
def test_a_list_is_known_by_its_list_id(lists: tuple[ListSettings, ...], expected: str) -> None:
    raw = bounce("alice@example.org").replace(b"Subject: News", b"Subject: News\nList-Id: News <News.example.org>")
    (event,) = read(raw, config=replace(default(), lists=lists)).events
    assert event is not None
    assert event.list == expected


def test_the_same_name_at_another_organisation_is_somebody_else() -> None:
    raw = bounce("info@partner.example").replace(b"rfc822;info@partner.example", b"rfc822;info@club.example")
    (event,) = read(raw).events
    assert event is not None
    assert (event.address, event.final_address) == ("info@club.example", "info@partner.example")

"""Notices that must still be read, although much in them looks like something else."""

from __future__ import annotations

import pytest

from dsnparse import reading
from dsnparse.model import Kind
from tests.formats.mails import raw

NULL = {"Return-Path": "<>"}
NOTICES = {
    "an invoice that came back": (
        "Gateway <gateway@example.net>",
        "Undeliverable: Your invoice 12",
        "The message could not be delivered. The mail server answered:\n\nalice@example.org 550 5.1.1 User unknown\n",
        {},
    ),
    "an order that came back": (
        "MAILER-DAEMON@mail.example.net",
        "Returned mail: Your order 12",
        "Your message could not be delivered to\n\n    alice@example.org\n",
        {},
    ),
    "a subject of its own, from nobody": (
        "Gateway <gateway@example.net>",
        "Hello",
        "Your message could not be delivered to\n\n    alice@example.org\n    550 5.1.1 User unknown\n",
        NULL,
    ),
    "a list's tag before a notice of a mail system": (
        "Mail Delivery Subsystem <mailer-daemon@example.net>",
        "[news] Undelivered mail",
        "Your message could not be delivered to\n\n    alice@example.org\n",
        {},
    ),
    "a postmaster who greets and gives the code": (
        "postmaster@example.net",
        "Undeliverable mail",
        "Dear sender,\n\nyour message could not be delivered.\n\nalice@example.org 550 5.1.1 User unknown\n",
        {},
    ),
    "somebody who has left, by his mail server": (
        "MAILER-DAEMON@mail.example.net",
        "Undeliverable mail",
        "Your message could not be delivered to\n\n    alice@example.org\n    550 5.1.1 Alice has left the company\n",
        {},
    ),
    "somebody who has left, by a code": (
        "Gateway <gateway@example.net>",
        "Hello",
        "Your message could not be delivered to\n\n    alice@example.org\n    550 5.1.1 Alice has left the company\n",
        NULL,
    ),
    "a daily report that came back": (
        "MAILER-DAEMON@mail.example.net",
        "Undeliverable: Daily report",
        "Your message could not be delivered to\n\n    alice@example.org\n",
        {},
    ),
}


@pytest.mark.parametrize(("from_", "subject", "text", "headers"), NOTICES.values(), ids=NOTICES.keys())
def test_a_notice_is_read(from_: str, subject: str, text: str, headers: dict[str, str]) -> None:
    report = reading.read(raw(text, headers=headers, from_=from_, subject=subject))
    assert report.kind is Kind.BOUNCE
    assert [one.address for one in report.recipients] == ["alice@example.org"]

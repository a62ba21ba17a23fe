from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dsnparse import message
from dsnparse.model import Original
from dsnparse.reports.original import identifier, traces

RETURNED = (
    b"Message-ID: <1@example.org>\nFrom: News <news@example.org>\nTo: alice@example.net\n"
    b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n"
    b"List-Id: News <news.example.org>\nX-Campaign: 7\nX-Campaign: 8\n"
)


def report(kind: bytes, body: bytes, header: bytes = b"") -> bytes:
    front = b"Content-Type: multipart/report; boundary=x\n\n--x\n\nwords\n--x\nContent-Type: "
    return front + kind + b"\n" + header + b"\n" + body + b"\n--x--\n"


@pytest.mark.parametrize(
    ("kind", "body", "header"),
    [
        (b"message/rfc822", RETURNED + b"\nbody", b""),
        (b"message/global", RETURNED + b"\nbody", b""),
        (b"text/rfc822-headers", RETURNED, b""),  # without the blank line that a message needs
        (b"message/rfc822-headers", RETURNED, b""),
        (b"message/global-headers", RETURNED, b""),
        (b"text/rfc822-headers", RETURNED.replace(b"=", b"=3D"), b"Content-Transfer-Encoding: quoted-printable\n"),
        (b"message/rfc822", b"From news Sun Nov 22 10:00:00 2026\n" + RETURNED, b""),
    ],
)
def test_the_traces_come_from_whatever_carries_the_returned_mail(kind: bytes, body: bytes, header: bytes) -> None:
    found = traces(message.read(report(kind, body, header)), None, ("X-Campaign", "X-None"))
    assert found == Original(
        message_id="1@example.org",
        from_="News <news@example.org>",
        to="alice@example.net",
        subject="Grüße",
        date=datetime(2026, 11, 22, 10, tzinfo=UTC),
        list_id="news.example.org",
        headers={"x-campaign": ("7", "8")},
    )


def test_a_returned_header_inside_the_text_is_read_the_same() -> None:
    found = traces(message.read(b"\nwords"), RETURNED.decode() + "X-Name: Grüße\n", ("X-Name",))
    assert (found.message_id, found.headers) == ("1@example.org", {"x-name": ("Grüße",)})


def test_without_a_returned_mail_there_are_no_traces() -> None:
    assert traces(message.read(b"\nwords"), None) == Original()


@pytest.mark.parametrize(
    ("value", "answer"),
    [("<1@example.org>", "1@example.org"), ("1@example.org", "1@example.org"), ("<>", None), ("", None), (None, None)],
)
def test_an_identifier_stands_in_angle_brackets_or_alone(value: str | None, answer: str | None) -> None:
    assert identifier(value) == answer

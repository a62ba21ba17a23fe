"""Any bytes give a Report, and never an exception: `reading.read` has no net under it."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from dsnparse import reading
from dsnparse.model import BounceType, Kind, Report
from tests.conftest import FIXTURES

PIECES = (
    b"Content-Type: multipart/report; boundary=x\n",
    b"Content-Type: message/delivery-status\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Type: text/html; charset=utf-16\n",
    b"Content-Type: text/plain; charset*=x'y; boundary*0=a; boundary*1=b\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"From: <>\n",
    b"From: MAILER-DAEMON (((((\n",
    b"Subject: =?utf-8?B?=\n",
    b"Date: Sun, 99 Nov 99999 99:99:99 +9999\n",
    b"Final-Recipient: rfc822; alice@example.net\n",
    b"Action: failed\n",
    b"Status: 5.1.1\n",
    b"Diagnostic-Code: smtp; 550-5.1.1 no\n550 5.1.1 user\n",
    b"<alice@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1 User unknown\n",
    b"   ----- The following addresses had permanent fatal errors -----\n",
    b"------ This is a copy of the message, including all the headers. ------\n",
    b">>> RCPT TO:<alice@example.net>\n<<< 550 no\n",
    b"--x\n",
    b"--x--\n",
    b"\n",
    b"\r",
    b"\x00\xff\x1b$B",
)


@cache
def fixtures() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(FIXTURES.glob("*/*.eml")))


def assert_sound(report: Report) -> None:
    """State what every report keeps to: only a failed, or unnamed, recipient can be dead, and only in a bounce."""
    for recipient in report.recipients:
        if recipient.verdict.bounce_type is BounceType.HARD:
            assert report.kind is Kind.BOUNCE
            assert recipient.action in {"failed", None}
            assert not {code[0] for code in (recipient.reported_status, recipient.reply_status) if code} - {"5"}


@given(st.binary(max_size=400))
def test_any_bytes_give_a_report(raw: bytes) -> None:
    assert_sound(reading.read(raw))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_any_mix_of_what_mails_are_made_of_gives_a_report(raw: bytes) -> None:
    assert_sound(reading.read(raw))


@settings(max_examples=300)
@given(st.data())
def test_any_fixture_cut_or_broken_anywhere_gives_a_report(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(fixtures())))
    for _ in range(data.draw(st.integers(0, 4))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert_sound(reading.read(bytes(raw[: data.draw(st.integers(0, len(raw)))])))

"""Any bytes give a Report, and never an exception: `reading.read` has no net under it.

DSNPARSE_EXAMPLES is the number of mails for each property, 300 where it is not set.
"""

from __future__ import annotations

import os
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsnparse import reading
from tests.conftest import FIXTURES
from tests.properties.breaking import broken
from tests.properties.grammar import mails
from tests.properties.sound import assert_row, assert_sound

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

much = settings(
    max_examples=int(os.environ.get("DSNPARSE_EXAMPLES", "300")),
    deadline=None,  # of one example: the machine may be busy; test_growth.py holds the time
    suppress_health_check=[HealthCheck.too_slow],
)


@cache
def fixtures() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(FIXTURES.glob("*/*.eml")))


@much
@given(st.binary(max_size=400))
def test_any_bytes_give_a_report(raw: bytes) -> None:
    assert_sound(reading.read(raw))


@much
@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_any_mix_of_what_mails_are_made_of_gives_a_report(raw: bytes) -> None:
    assert_sound(reading.read(raw))


@much
@given(broken(st.sampled_from(fixtures())))
def test_any_fixture_however_broken_gives_a_report(raw: bytes) -> None:
    assert_sound(reading.read(raw))


@much
@given(broken(mails()))
def test_any_mail_however_broken_gives_a_report_and_a_row_by_the_schema(raw: bytes) -> None:
    report = reading.read(raw)
    assert_sound(report)
    assert_row(report)

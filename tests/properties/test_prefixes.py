"""A mail that is cut at any byte gives a report."""

from __future__ import annotations

import pytest

from dsnparse import reading
from tests.conftest import FIXTURES
from tests.properties.sound import assert_sound

CUT = (
    "arf/opt-out-unsubscribe-request.eml",
    "exim/user-unknown.eml",
    "mdn/deleted-unread.eml",
    "microsoft365/recipient-not-found-html-ndr.eml",
    "nested/forwarded-as-attachment-by-a-person.eml",
    "postfix/alias-member-unknown.eml",
)


@pytest.mark.parametrize("name", CUT)
def test_every_beginning_of_a_mail_gives_a_report(name: str) -> None:
    raw = (FIXTURES / name).read_bytes()
    assert len(raw) > 500
    for end in range(len(raw) + 1):
        assert_sound(reading.read(raw[:end]))


@pytest.mark.parametrize("name", CUT)
def test_every_end_of_a_mail_gives_a_report(name: str) -> None:
    raw = (FIXTURES / name).read_bytes()
    for start in range(0, len(raw) + 1, 7):
        assert_sound(reading.read(raw[start:]))

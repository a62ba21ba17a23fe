"""Mails that talk about failures, of mail and of other things: none names a failed recipient."""

from __future__ import annotations

import pytest

from dsnparse import reading
from dsnparse.model import Action
from tests.formats.mails import raw
from tests.formats.no_bounces import MAILS, NoBounce

EACH = pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS.keys())


@EACH
def test_a_mail_that_is_no_bounce_is_none(mail: NoBounce) -> None:
    report = reading.read(raw(mail.text, headers=mail.fields, from_=mail.from_, subject=mail.subject))
    assert [one.address for one in report.recipients if one.action in {Action.FAILED, Action.DELAYED}] == []
    assert report.kind is mail.kind

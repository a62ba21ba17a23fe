from __future__ import annotations

import json

import pytest

from dsnparse import formats, message
from dsnparse.formats import flufl
from dsnparse.formats.notice import Notice
from dsnparse.model import Action, Kind, Stage
from tests.formats.mails import mail


def test_postfix_names_the_alias_that_it_expanded_even_when_folded() -> None:
    text = (
        "The mail system\n\n<alice@example.org> (expanded from\n    <team@example.net>): mailbox full\n    for good\n"
    )
    fields = formats.read(mail(text), None)
    assert fields is not None
    (block,) = fields.blocks
    assert (block.address, block.original_address) == ("alice@example.org", "team@example.net")
    assert block.diagnostic == "mailbox full for good"


def test_postfix_names_nobody_where_the_notice_ends_within_a_folded_line() -> None:
    text = "The mail system\n\n<alice@example.org>: mailbox full\n\n<bob@example.org> (expanded from\n"
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert [block.address for block in fields.blocks] == ["alice@example.org"]


def test_a_folded_reply_that_begins_with_an_address_stays_whole() -> None:
    text = (
        "The mail system\n\n<alice@example.org>: host mx.example.org[192.0.2.1] said: 550 5.2.1\n"
        "    <alice@example.org>: This account has been disabled (in reply to RCPT TO\n    command)\n"
    )
    fields = formats.read(mail(text), None)
    assert fields is not None
    (block,) = fields.blocks
    assert block.stage is Stage.RCPT
    assert "disabled" in (block.diagnostic or "")


def test_qmail_names_the_host_and_keeps_the_quotes_of_a_local_part() -> None:
    text = (
        'Hi. This is the qmail-send program at mail.example.net.\n\n<"a b"@example.org>:\n'
        "192.0.2.1 does not like recipient.\n"
    )
    fields = formats.read(mail(text), None)
    assert fields is not None
    (block,) = fields.blocks
    assert (block.address, block.remote_mta, block.stage) == ('"a b"@example.org', "192.0.2.1", Stage.RCPT)
    assert fields.reporting_mta == "mail.example.net"


SES = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "alice@example.org", "status": "5.1.1"}],
    },
}


@pytest.mark.parametrize("text", [json.dumps(SES), json.dumps({"Type": "Notification", "Message": json.dumps(SES)})])
def test_a_notification_of_ses_is_read_with_and_without_the_envelope_of_sns(text: str) -> None:
    fields = formats.read(mail(text, from_="no-reply@sns.example.com", subject="AWS Notification Message"), None)
    assert fields is not None
    assert [(block.address, block.reported_status) for block in fields.blocks] == [("alice@example.org", "5.1.1")]


@pytest.mark.parametrize(
    "event", ["null", "[]", '{"notificationType": ', '{"bounce": {"bouncedRecipients": [1, {}]}}', "[" * 9000]
)
def test_a_broken_notification_names_nobody(event: str) -> None:
    fields = formats.read(mail('"notificationType"\n' + event, subject="AWS Notification Message"), None)
    assert fields is None or fields.blocks == ()


def test_a_session_refused_at_the_end_of_data_fails_all_that_were_accepted() -> None:
    text = (
        "Transcript of session follows.\n\n Out: 220 mail.example.net ESMTP\n In:  MAIL FROM:<bob@example.net>\n"
        " Out: 250 2.1.0 Ok\n In:  RCPT TO:<alice@example.org>\n Out: 250 2.1.5 Ok\n In:  RCPT\n"
        "     TO:<carol@example.org>\n"
        " Out: 550 5.1.1 unknown\n In:  DATA\n Out: 354 End data\n Out: 451 4.3.0 queue file write error\n"
    )
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert [(block.address, block.reply_code, block.stage) for block in fields.blocks] == [
        ("carol@example.org", "550", Stage.RCPT),
        ("alice@example.org", "451", Stage.EOD),
    ]


def test_a_warning_only_is_delayed_whatever_format_reads_it() -> None:
    text = (
        "This is the mail system at host mail.example.net.\n\n"
        "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n\n"
        "<alice@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 unknown\n"
    )
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert [(block.address, block.action) for block in fields.blocks] == [("alice@example.org", Action.DELAYED)]


def test_a_complaint_names_the_complainer_and_no_failure() -> None:
    raw = (
        b"From: staff@hotmail.com\nSubject: complaint about message from 192.0.2.10\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n\n'
        b"X-HmXmrOriginalRecipient: alice@example.org\nFrom: bob@example.net\n\nHello\n--b--\n"
    )
    fields = formats.read(message.read(raw), None)
    assert fields is not None
    assert fields.kind is Kind.FEEDBACK
    assert [(block.address, block.action) for block in fields.blocks] == [("alice@example.org", None)]


def test_an_exception_of_flufl_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        b"\xff".decode("ascii")

    monkeypatch.setattr("flufl.bounce.all_failures", broken)
    fields = flufl.read(Notice(mail("unknown words about alice@example.org")))
    assert fields is not None
    assert fields.blocks == ()
    assert [(defect.code, defect.detail) for defect in fields.defects] == [("flufl_failed", "UnicodeDecodeError")]

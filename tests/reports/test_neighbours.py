"""Complaints, receipts and automatic answers: recognised as what they are, and never a bounce."""

from __future__ import annotations

import pytest

from dsnparse import message
from dsnparse.model import Action, Fields, Kind
from dsnparse.reports import autoreply, disposition, feedback
from dsnparse.reports.notice import looks_like_notice

ARF = (
    b"From: fbl@example.net\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\n\n"
    b"--x\n\nA complaint.\n--x\n"
    b"Content-Type: message/feedback-report\n\nFeedback-Type: %s\nUser-Agent: Example/1\nVersion: 1\n"
    b"Original-Rcpt-To: <alice@example.net>\nOriginal-Rcpt-To: bob@example.net\nSource-IP: 192.0.2.1\n"
    b"Reporting-MTA: dns; mx.example.net\n--x\nContent-Type: message/rfc822\n\nSubject: news\n\n--x--\n"
)

MDN = (
    b"From: alice@example.net\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n"
    b"--x\n\nRead.\n--x\nContent-Type: message/disposition-notification\n\nReporting-UA: example; 1\n"
    b"Original-Recipient: rfc822;list@example.org\nFinal-Recipient: rfc822;alice@example.net\n"
    b"Disposition: manual-action/MDN-sent-manually; %s\n--x--\n"
)


@pytest.mark.parametrize("kind", ["abuse", "fraud", "opt-out", "not-spam", "auth-failure"])
def test_a_complaint_names_its_type_and_people_and_no_action(kind: str) -> None:
    found = feedback.read(message.read(ARF % kind.upper().encode()))
    assert found is not None
    assert (found.kind, found.format, found.feedback_type) == (Kind.FEEDBACK, "arf", kind)
    assert [(block.address, block.action) for block in found.blocks] == [
        ("alice@example.net", None),
        ("bob@example.net", None),
    ]
    assert (found.reporting_mta, found.extra["source-ip"]) == ("mx.example.net", "192.0.2.1")


def test_a_complaint_without_its_machine_part_is_still_one() -> None:
    raw = b"Content-Type: multipart/report; report-type=Feedback-Report; boundary=x\n\n--x\n\nwords\n--x--\n"
    found = feedback.read(message.read(raw))
    assert found is not None
    assert (found.kind, found.feedback_type, found.blocks) == (Kind.FEEDBACK, None, ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [("displayed", "displayed"), ("Deleted/error", "deleted"), (" dispatched / a,b", "dispatched"), ("", None)],
)
def test_a_receipt_names_its_disposition_and_nobody_failed(text: str, kind: str | None) -> None:
    found = disposition.read(message.read(MDN % text.encode()))
    assert found is not None
    assert (found.kind, found.format, found.disposition) == (Kind.RECEIPT, "mdn", kind)
    assert [(block.address, block.original_address, block.action) for block in found.blocks] == [
        ("alice@example.net", "list@example.org", None)
    ]


def test_a_refusal_in_the_form_of_a_receipt_is_a_failure_with_its_reason() -> None:
    raw = b"Auto-Submitted: auto-replied (rejected)\n" + MDN.replace(
        b"Read.", b"Your message to <alice@example.net> was automatically rejected:\nQuota exceeded"
    )
    found = disposition.read(message.read(raw % b"deleted"))
    assert found is not None
    assert found.kind is None
    assert [(block.address, block.action, block.diagnostic) for block in found.blocks] == [
        ("alice@example.net", Action.FAILED, "Quota exceeded")
    ]


def test_other_reports_are_neither_complaint_nor_receipt() -> None:
    mail = message.read(b"Content-Type: multipart/report; report-type=tlsrpt; boundary=x\n\n--x\n\na\n--x--\n")
    assert feedback.read(mail) is None
    assert disposition.read(mail) is None


def answer(header: str, sender: str = "Alice <alice@example.net>") -> Fields | None:
    return autoreply.read(message.read(f"From: {sender}\n{header}\n\nI am away.\n".encode()))


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: Auto-Replied (vacation); owner-email=alice@example.net",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "X-Autorespond: hello",
        "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nIn-Reply-To: <1@example.org>",
        "Subject: Out of Office: hello",
        "Subject: Re: [Automatic reply] hello",
        "Subject: Automatische Antwort: hello",
        "Subject: Réponse automatique : bonjour",
        "Subject: Respuesta automática: hola",
        "Subject: Risposta automatica: ciao",
        "Subject: Resposta automática: oi",
        "Subject: Automatisch antwoord: hallo",
        "Subject: Automatyczna odpowiedź: cześć",
        "Subject: Автоматический ответ: привет",
        "Subject: 自動応答: こんにちは",
        "Subject: 自动答复: 你好",
        "Subject: 자동 회신: 안녕",
        "Subject: Alice Smith/Example is out of the office.",
        "Subject: Re: hello (automatic response)",
        "Auto-Submitted: auto-replied\nSubject: [Ticket#7] RE: Delivery Status Notification (Failure)",
        "Return-Path: <>\nAuto-Submitted: auto-replied\nSubject: Ticket 7: Undelivered Mail Returned to Sender",
        "List-Id: <a.example.org>\nSubject: [a] Out of office",
    ],
)
def test_automatic_answers_are_known_by_header_or_subject(header: str) -> None:
    found = answer(header)
    assert found is not None
    assert (found.kind, found.format) == (Kind.AUTOREPLY, "rfc3834")
    assert [(block.address, block.action) for block in found.blocks] == [("alice@example.net", None)]


@pytest.mark.parametrize(
    "header",
    [
        "Subject: hello",
        "Subject: How do I set up an out of office reply?",
        "Subject: Re: vacation pictures",
        "Auto-Submitted: no",
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "List-Id: <a.example.org>\nSubject: Re: Out of office",
        "List-Id: <a.example.org>\nSubject: [a] Re: [b] Alice is out of the office",
        "Auto-Submitted: auto-replied (rejected)",
        "Auto-Submitted: auto-replied\nContent-Type: multipart/report; boundary=x",
    ],
)
def test_letters_lists_and_notices_are_no_automatic_answers(header: str) -> None:
    assert answer(header) is None


def test_who_writes_as_a_mail_system_or_as_nobody_is_no_answering_person() -> None:
    assert answer("Precedence: auto_reply\nSubject: failure notice", "MAILER-DAEMON@example.net") is None
    assert answer("Auto-Submitted: auto-replied", "<>") is None


@pytest.mark.parametrize(
    ("header", "notice"),
    [
        ("From: MAILER-DAEMON@example.net", True),
        ("From: MAILER-DAEMON (Mail Delivery Subsystem)", True),
        ("From: Mail Delivery System <noreply@example.net>", True),
        ("From: postmaster@example.net", True),
        ("From: a@example.net\nReturn-Path: <>", True),
        ("From: a@example.net\nX-Failed-Recipients: b@example.org", True),
        ("From: a@example.net\nContent-Type: multipart/report; report-type=delivery-status; boundary=x", True),
        ("From: a@example.net\nSubject: Undelivered Mail Returned to Sender", True),
        ("From: a@example.net\nSubject: Nachricht unzustellbar", True),
        ("From: a@example.net\nSubject: =?utf-8?Q?=E9=80=80=E4=BF=A1?=", True),
        ("From: a@example.net\nSubject: hello", False),
        ("From: a@example.net\nSubject: Re: Undelivered Mail Returned to Sender", False),
        ("From: a@example.net\nSubject: [Ticket#7] RE: Delivery Status Notification (Failure)", False),
        ("From: a@example.net\nSubject: Enc: Undelivered Mail Returned to Sender", False),
        ("From: a@example.net\nSubject: [Ticket 5] I: Undelivered Mail Returned to Sender", False),
        ("From: a@example.net\nUser-Agent: Mozilla Thunderbird\nSubject: Undelivered Mail Returned to Sender", False),
        ("From: a@example.net\nReferences: <1@x>\nSubject: Undelivered Mail Returned to Sender", False),
        ("From: MAILER-DAEMON discussion <joe@example.net>\nList-Id: <l.example.org>\nSubject: delivery failed", False),
        ("From: a@example.net\nSubject: WG: Nachricht unzustellbar", False),
        ("From: a@example.net\nList-Id: <l.example.org>\nSubject: Undelivered mail, a study", False),
        ("From: a@example.net\nIn-Reply-To: <1@x>\nReturn-Path: <a@example.net>\nSubject: delivery failed", False),
        ("From: a@example.net\nContent-Type: multipart/report; report-type=tlsrpt; boundary=x", False),
        ("", False),
    ],
)
def test_a_notice_is_known_by_who_writes_and_a_letter_about_one_is_none(header: str, *, notice: bool) -> None:
    assert looks_like_notice(message.read(f"{header}\n\n".encode())) is notice

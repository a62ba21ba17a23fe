from __future__ import annotations

import email

import pytest

import dsnparse
from dsnparse import reading
from dsnparse.model import Action, BounceType, Kind, Report

STATUS = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
FRONT = b"""From: MAILER-DAEMON@mx.example.org
Message-ID: <2@mx.example.org>
Content-Type: multipart/report; boundary=x

"""


def group(address: str, action: str = "failed", text: str = "550 5.1.1 User unknown") -> bytes:
    status = {"failed": "5.1.1", "delayed": "4.4.1"}.get(action, "2.0.0")
    group = f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {text}\n\n"
    return group.encode()


def dsn(*groups: bytes) -> bytes:
    return FRONT + b"--x\n\nSorry.\n--x\n" + STATUS + b"".join(groups) + b"--x--\n"


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        (["failed"], Kind.BOUNCE),
        (["delivered", "delayed", "failed"], Kind.BOUNCE),
        (["delivered", "delayed"], Kind.DELAYED),
        (["delivered"], Kind.DELIVERED),
        (["relayed", "expanded"], Kind.DELIVERED),
    ],
)
def test_the_worst_that_happened_says_what_the_mail_is(actions: list[str], kind: Kind) -> None:
    raw = dsn(*(group(f"a{n}@example.net", action, "x") for n, action in enumerate(actions)))
    assert reading.read(raw).kind is kind


def test_a_dead_address_is_hard_and_what_is_only_delayed_is_not_judged_dead() -> None:
    report = dsnparse.parse(dsn(group("alice@example.net"), group("bob@example.net", "delayed", "450 4.4.1 later")))
    alice, bob = report.recipients
    assert (alice.verdict.bounce_type, alice.verdict.reason) == (BounceType.HARD, dsnparse.Reason.USER_UNKNOWN)
    assert (bob.action, bob.verdict.bounce_type) == (Action.DELAYED, None)


@pytest.mark.parametrize("sender", ["anna@example.org\nUser-Agent: Thunderbird", "anna@example.org"])
def test_a_letter_with_a_status_part_among_its_own_condemns_nobody(sender: str) -> None:
    letter = dsn(group("alice@example.net")).replace(b"multipart/report", b"multipart/mixed")
    report = reading.read(letter.replace(b"MAILER-DAEMON@mx.example.org", sender.encode()))
    assert [(one.address, one.verdict.bounce_type) for one in report.recipients] == [
        ("alice@example.net", BounceType.SOFT)
    ]
    assert "report_forwarded" in [one.code for one in report.defects]


@pytest.mark.parametrize("other", ["delivered", "delayed"])
def test_an_address_that_the_same_mail_calls_failed_and_not_failed_is_not_dead(other: str) -> None:
    report = reading.read(dsn(group("alice@example.net"), group("Alice@example.net", other)))
    failed = report.recipients[0].verdict
    assert (failed.bounce_type, failed.confidence) == (BounceType.SOFT, "low")
    assert failed.address_advice is not None
    assert failed.address_advice.advice == "keep"


def test_the_comment_of_a_status_is_the_diagnostic_where_nothing_else_is() -> None:
    group = b"Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.2.1 (mailbox disabled (for good))\n"
    other = group.replace(b"a@", b"b@") + b"Diagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    first, second = reading.read(dsn(group + b"\n", other + b"\n")).recipients
    assert (first.diagnostic, first.status) == ("mailbox disabled (for good)", "5.2.1")
    assert second.diagnostic == "550 5.1.1 User unknown"


@pytest.mark.parametrize(
    ("action", "status", "reply", "detail"),
    [
        ("failed", "5.0.0", "452 4.2.2 full", "failed 5.0.0 4.2.2 452"),
        ("failed", "2.0.0", "250 ok", "failed 2.0.0 250"),
        ("delayed", "5.1.1", "550 5.1.1 unknown", "delayed 5.1.1 5.1.1 550"),
        ("failed", "5.1.1", "550 5.1.1 User unknown", None),
        ("failed", "4.4.7", "450 4.2.0 later", None),
    ],
)
def test_codes_that_contradict_are_recorded_and_never_hard(
    action: str, status: str, reply: str, detail: str | None
) -> None:
    head = f"Final-Recipient: rfc822; a@example.net\nAction: {action}\nStatus: {status}\n"
    report = reading.read(dsn(f"{head}Diagnostic-Code: smtp; {reply}\n\n".encode()))
    recorded = [defect.detail for defect in report.defects if defect.code == "codes_contradict"]
    assert recorded == ([detail] if detail else [])
    if detail:
        assert report.recipients[0].verdict.bounce_type is not BounceType.HARD


def test_one_address_listed_often_is_one_recipient_with_the_mildest_verdict() -> None:
    report = reading.read(dsn(group("alice@example.net"), group("Alice@example.net", text="552 5.2.2 Mailbox full")))
    (alice,) = report.recipients
    assert alice.verdict.bounce_type is BounceType.SOFT


@pytest.mark.parametrize(
    ("sender", "defect", "bounce_type"),
    [
        ("helpdesk@example.org", "report_forwarded", BounceType.SOFT),
        ("MAILER-DAEMON@example.org", "report_wrapped", BounceType.HARD),
        ("anna@example.org (Undelivered Mail)", "report_forwarded", BounceType.SOFT),
    ],
)
def test_an_attached_report_condemns_only_on_a_mail_systems_word(
    sender: str, defect: str, bounce_type: BounceType
) -> None:
    raw = (
        b"From: " + sender.encode() + b"\nMessage-ID: <3@example.org>\nSubject: see below\n"
        b"Content-Type: multipart/mixed; boundary=f\n\n--f\n\nLook.\n--f\nContent-Type: message/rfc822\n\n"
        + dsn(group("alice@example.net"))
        + b"\n--f--\n"
    )
    report = reading.read(raw)
    assert (report.kind, report.message_id) == (Kind.BOUNCE, "3@example.org")
    assert [(one.address, one.verdict.bounce_type) for one in report.recipients] == [("alice@example.net", bounce_type)]
    assert [one.code for one in report.defects] == [defect]


def test_a_letter_is_other_and_keeps_its_traces() -> None:
    report = dsnparse.parse(
        b"From: bob@example.org\nSubject: 550 5.1.1 user unknown\nMessage-ID: <4@example.org>\n\nWhy?\n"
    )
    assert report == Report(subject="550 5.1.1 user unknown", from_="bob@example.org", message_id="4@example.org")


def test_parse_takes_bytes_of_every_kind_and_parsed_messages() -> None:
    raw = dsn(group("alice@example.net"))
    whole = dsnparse.parse(raw)
    assert dsnparse.parse(bytearray(raw)) == dsnparse.parse(memoryview(raw)) == whole
    assert dsnparse.parse(email.message_from_bytes(raw)).recipients == whole.recipients


@pytest.mark.parametrize("wrong", ["text", None, 5, ["list"]])
def test_parse_refuses_what_is_no_mail(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"takes bytes or an email\.message\.Message"):
        dsnparse.parse(wrong)  # type: ignore[arg-type]


def test_a_bug_becomes_a_defect_with_its_traceback_and_not_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dsnparse.message.read", broken)
    (defect,) = dsnparse.parse(b"").defects
    assert defect.code == "internal_error"
    assert "ZeroDivisionError" in defect.detail
    with pytest.raises(ZeroDivisionError):
        reading.read(b"")

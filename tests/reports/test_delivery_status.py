"""The rules of RFC 3464 and RFC 6533, and what real systems make of them."""

from __future__ import annotations

import base64
import quopri

import pytest

from dsnparse import message
from dsnparse.model import Action, Block, Fields
from dsnparse.reports import delivery_status
from dsnparse.text import limits

HEAD = b"Reporting-MTA: dns; mx.example.org\n\n"
ALICE = b"Final-Recipient: rfc822; alice@example.net\nAction: failed\nStatus: 5.1.1\n"


def report(status: bytes, header: bytes = b"", kind: bytes = b"message/delivery-status") -> bytes:
    return (
        b"From: MAILER-DAEMON@mx.example.org\nContent-Type: multipart/report; boundary=x\n\n--x\n\nSorry.\n--x\n"
        b"Content-Type: " + kind + b"\n" + header + b"\n" + status + b"\n--x--\n"
    )


def fields(raw: bytes) -> Fields:
    found = delivery_status.read(message.read(raw))
    assert found is not None
    return found


def blocks(status: bytes, header: bytes = b"") -> tuple[Block, ...]:
    return fields(report(status, header)).blocks


def block(status: bytes) -> Block:
    (only,) = blocks(HEAD + status)
    return only


def codes(raw: bytes) -> list[str]:
    return [defect.code for defect in fields(raw).defects]


def test_a_plain_report_gives_every_field() -> None:
    found = fields(
        report(
            b"Original-Envelope-Id: QQ314159\nReporting-MTA: dns; mx.example.org\nX-Postfix-Queue-ID: 4bC\n\n"
            b"Original-Recipient: rfc822;list@example.org\nFinal-Recipient: rfc822;alice@example.net\nAction: failed\n"
            b"Status: 5.1.1\nRemote-MTA: dns; mail.example.net\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n"
            b"X-Own: kept\n"
        )
    )
    (alice,) = found.blocks
    assert (found.format, found.reporting_mta, found.envelope_id) == ("rfc3464", "mx.example.org", "QQ314159")
    assert found.extra == {"x-postfix-queue-id": "4bC"}
    assert (alice.address, alice.original_address) == ("alice@example.net", "list@example.org")
    assert (alice.action, alice.reported_status, alice.remote_mta) == (Action.FAILED, "5.1.1", "mail.example.net")
    assert (alice.diagnostic_type, alice.diagnostic) == ("smtp", "550 5.1.1 no such user")
    assert alice.extra["x-own"] == "kept"


@pytest.mark.parametrize(
    "kind", [b"message/delivery-status", b"message/global-delivery-status", b"Message/Delivery-Status"]
)
@pytest.mark.parametrize(
    ("encode", "header"),
    [
        (bytes, b""),
        (base64.encodebytes, b"Content-Transfer-Encoding: base64\n"),
        (quopri.encodestring, b"Content-Transfer-Encoding: quoted-printable\n"),
        (lambda status: status.replace(b"alice", b"ali=\nce"), b"Content-Transfer-Encoding: quoted-printable\n"),
        (lambda status: status.replace(b"\n", b"\r\n"), b""),
    ],
)
def test_both_types_in_every_transfer_encoding_are_read(kind: bytes, encode: object, header: bytes) -> None:
    assert callable(encode)
    raw = report(encode(HEAD + ALICE), header, kind)
    assert [found.address for found in fields(raw).blocks] == ["alice@example.net"]


@pytest.mark.parametrize(
    ("status", "addresses"),
    [
        (HEAD + ALICE + b"\n" + ALICE.replace(b"alice", b"bob"), ["alice", "bob"]),  # as the RFC has it
        (HEAD.strip() + b"\n" + ALICE, ["alice"]),  # one group for all
        (HEAD + ALICE + ALICE.replace(b"alice", b"bob"), ["alice", "bob"]),  # no blank line between
        (HEAD + b" \t\n" + ALICE + b"  \n" + ALICE.replace(b"alice", b"bob"), ["alice", "bob"]),  # blanks in it
        (b"\n\n" + HEAD + b"\n\n\n" + ALICE, ["alice"]),
        (HEAD + b"Final-Recipient: rfc822; alice@example.net\n\nAction: failed\nStatus: 5.1.1\n", ["alice"]),  # torn
        (ALICE, ["alice"]),
        (HEAD + ALICE.replace(b"Action:", b"Action :").replace(b"Final", b"FINAL"), ["alice"]),
        (HEAD + b"Action: failed\nFinal-Recipient: rfc822; alice@example.net\nStatus: 5.1.1\n", ["alice"]),
    ],
)
def test_groups_come_apart_whatever_the_blank_lines_say(status: bytes, addresses: list[str]) -> None:
    found = blocks(status)
    assert [one.address for one in found] == [f"{name}@example.net" for name in addresses]
    assert all((one.action, one.reported_status) == (Action.FAILED, "5.1.1") for one in found)


def test_in_joined_groups_the_original_recipient_goes_with_the_final_one_behind_it() -> None:
    first = b"Original-Recipient: rfc822; a@example.org\n" + ALICE
    second = b"Original-Recipient: rfc822; b@example.org\n" + ALICE.replace(b"alice", b"bob")
    after = ALICE.replace(b"Action", b"Original-Recipient: rfc822; c@example.org\nAction")
    assert [one.original_address for one in blocks(HEAD + first + second)] == ["a@example.org", "b@example.org"]
    assert [one.original_address for one in blocks(HEAD + ALICE + second)] == [None, "b@example.org"]
    assert [one.original_address for one in blocks(HEAD + after + b"\n" + first)] == ["c@example.org", "a@example.org"]


def test_a_stray_line_loses_nothing_behind_it_and_is_a_defect() -> None:
    raw = report(
        HEAD + b"Final-Recipient: rfc822; alice@example.net\nDiagnostic-Code: smtp; 550-no such user\n"
        b"550 5.1.1 see our pages\nAction: failed\nnonsense\nStatus: 5.1.1\n"
    )
    (alice,) = fields(raw).blocks
    assert alice.diagnostic == "550-no such user 550 5.1.1 see our pages"
    assert (alice.action, alice.reported_status) == (Action.FAILED, "5.1.1")
    assert codes(raw) == ["stray_line_in_status_part"]


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"rfc822; alice@example.net", "alice@example.net"),
        (b"RFC822;<alice@example.net>", "alice@example.net"),
        (b"rfc/822; alice@example.net", "alice@example.net"),
        (b"LOCAL;<f.b>", "f.b"),
        (b"alice@example.net", "alice@example.net"),
        (b"; alice@example.net", "alice@example.net"),
        (b"rfc822;|/usr/bin/filter alice", "|/usr/bin/filter alice"),
        (b"x400; /RFC-822=pr(a)example.com/C=gb/", "/RFC-822=pr(a)example.com/C=gb/"),
        (b"rfc822; Alice.Smith@Example.NET", "Alice.Smith@Example.NET"),
        (b"rfc822; user+2Btag@example.net", "user+tag@example.net"),
        (b"utf-8; p\\x{EB}tr@example.net", "pëtr@example.net"),
        ("utf-8; pëtr@example.net".encode(), "pëtr@example.net"),
        (b"utf-8; \xff\xfe@example.net", "ÿþ@example.net"),
        (b"rfc822;", None),
        (b"", None),
    ],
)
def test_recipients_keep_what_the_mta_reported(value: bytes, address: str | None) -> None:
    assert block(b"Final-Recipient: " + value + b"\nAction: failed\n").address == address


@pytest.mark.parametrize(
    ("value", "action"),
    [
        (b"failed", Action.FAILED),
        (b"Failed (bad destination mailbox address)", Action.FAILED),
        (b"FAILURE", Action.FAILED),
        (b"error", Action.FAILED),
        (b"expired", Action.FAILED),
        (b"delayed", Action.DELAYED),
        (b"delivered", Action.DELIVERED),
        (b"deliverable", Action.DELIVERED),
        (b"relayed (to a host without DSN)", Action.RELAYED),
        (b"expanded", Action.EXPANDED),
        (b"opaque", None),
        (b"", None),
    ],
)
def test_actions_have_any_case_and_comments(value: bytes, action: Action | None) -> None:
    assert block(b"Final-Recipient: rfc822; a@example.net\nAction: " + value + b"\nStatus: 4.0.0\n").action is action


@pytest.mark.parametrize(
    ("group", "action"),
    [
        (b"Status: 5.1.1\n", Action.FAILED),
        (b"Status: 4.4.1\n", None),
        (b"Status: 4.4.1\nWill-Retry-Until: Sun, 22 Nov 2026 10:00:00 +0000\n", Action.DELAYED),
        (b"Status: 5.4.1\nWill-Retry-Until: Sun, 22 Nov 2026 10:00:00 +0000\n", Action.DELAYED),
        (b"Action: failed\nWill-Retry-Until: Sun, 22 Nov 2026 10:00:00 +0000\n", Action.FAILED),
    ],
)
def test_a_missing_action_is_inferred_only_where_the_rest_says_it(group: bytes, action: Action | None) -> None:
    assert block(b"Final-Recipient: rfc822; a@example.net\n" + group).action is action


@pytest.mark.parametrize(
    ("value", "status", "reply_code"),
    [
        (b"5.1.1", "5.1.1", None),
        (b"5.7.515 (a comment)", "5.7.515", None),
        (b"(5.2.2)", "5.2.2", None),
        (b"5.01.1", "5.1.1", None),
        (b"553 Exceeded maximum inbound message size", None, "553"),
        (b"550", None, "550"),
        (b"5.1.1.1", None, None),
        (b"1.2.3", None, None),
        (b"3.0.0", None, None),
        (b"5.1234.1", None, None),
        (b"192.0.2.1", None, None),
        (b"5.1", None, None),
        (b"", None, None),
    ],
)
def test_a_status_is_three_numbers_of_class_2_4_or_5(value: bytes, status: str | None, reply_code: str | None) -> None:
    found = block(b"Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: " + value + b"\n")
    assert (found.reported_status, found.reply_code) == (status, reply_code)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (b"smtp; 550 5.1.1 (#5.1.1) gone", "smtp", "550 5.1.1 (#5.1.1) gone"),
        (b'X-Postfix; unknown user: "a"', "x-postfix", 'unknown user: "a"'),
        (b"550 5.1.1 gone; see below", None, "550 5.1.1 gone; see below"),
        (b"Reason 1 (Unable-To-Transfer); Diagnostic 5", None, "Reason 1 (Unable-To-Transfer); Diagnostic 5"),
        (b"smtp;", "smtp", None),
    ],
)
def test_the_diagnostic_type_is_an_atom_and_the_text_stays_whole(
    value: bytes, kind: str | None, text: str | None
) -> None:
    found = block(b"Final-Recipient: rfc822; a@example.net\nDiagnostic-Code: " + value + b"\n")
    assert (found.diagnostic_type, found.diagnostic) == (kind, text)


def test_a_duplicate_field_is_a_defect_and_the_first_one_counts() -> None:
    raw = report(HEAD + ALICE + b"Remote-MTA: dns; one.example.net\nRemote-MTA: dns; two.example.net\n")
    assert fields(raw).blocks[0].remote_mta == "one.example.net"
    assert codes(raw) == ["duplicate_field"]


def test_localized_diagnostics_of_several_languages_are_no_defect() -> None:
    raw = report(HEAD + ALICE + b"Localized-Diagnostic: en; gone\nLocalized-Diagnostic: de; weg\n")
    assert fields(raw).blocks[0].extra == {"localized-diagnostic": "en; gone"}
    assert codes(raw) == []


@pytest.mark.parametrize("value", [b"dsn; a.example.org", b"a.example.org", b"dns;a.example.org (192.0.2.1)"])
def test_mta_names_come_without_type_and_comment(value: bytes) -> None:
    assert fields(report(b"Reporting-MTA: " + value + b"\n\n" + ALICE)).reporting_mta == "a.example.org"


def test_a_mislabelled_part_is_read_in_a_notice() -> None:
    raw = report(HEAD + ALICE, kind=b"text/plain")
    assert [found.address for found in fields(raw).blocks] == ["alice@example.net"]
    assert codes(raw) == ["status_part_mislabelled"]


def test_a_status_group_within_the_text_of_a_notice_is_read_up_to_the_returned_header() -> None:
    raw = (
        b"From: postmaster@example.org\nSubject: Returned mail\n\nSorry.\n\n" + HEAD + ALICE + b"\n"
        b"Received: from a by b\nX-Own: not ours\nSubject: hello\n"
    )
    (alice,) = fields(raw).blocks
    assert (alice.address, dict(alice.extra)) == ("alice@example.net", {})


def test_a_letter_that_quotes_a_status_group_is_no_report() -> None:
    letter = b"From: bob@example.org\nSubject: Re: what is this?\nIn-Reply-To: <1@example.org>\n\n" + HEAD + ALICE
    assert delivery_status.read(message.read(letter)) is None


def test_the_report_inside_a_returned_mail_is_not_ours() -> None:
    inner = (
        report(HEAD + ALICE.replace(b"alice", b"inner")).replace(b"--x", b"--y").replace(b"boundary=x", b"boundary=y")
    )
    outer = report(HEAD + ALICE).replace(b"\n--x--", b"\n--x\nContent-Type: message/rfc822\n\n" + inner + b"\n--x--")
    assert [found.address for found in fields(outer).blocks] == ["alice@example.net"]


def test_two_status_parts_of_one_mail_both_count() -> None:
    second = b"\n--x\nContent-Type: message/delivery-status\n\n" + HEAD + ALICE.replace(b"alice", b"bob") + b"\n--x--"
    raw = report(HEAD + ALICE).replace(b"\n--x--", second)
    assert [found.address for found in fields(raw).blocks] == ["alice@example.net", "bob@example.net"]


def test_nul_and_eight_bit_bytes_in_a_status_part_are_kept_as_text() -> None:
    found = block(b"Final-Recipient: rfc822; a@example.net\nDiagnostic-Code: smtp; 550 \x00 Empf\xe4nger\n")
    assert found.diagnostic == "550 \x00 Empfänger"


def test_recipients_beyond_the_limit_are_a_defect() -> None:
    raw = report(HEAD + b"\n".join(ALICE.replace(b"alice", b"a%d" % n) for n in range(limits.MAX_RECIPIENTS + 1)))
    assert len(fields(raw).blocks) == limits.MAX_RECIPIENTS
    assert codes(raw) == ["too_many_recipients"]


def test_a_status_part_beyond_the_limit_is_cut() -> None:
    raw = report(HEAD + ALICE + b"X-Fill: y\n" * (limits.MAX_STATUS_BYTES // 10 + 1))
    assert "status_part_too_long" in codes(raw)


@pytest.mark.parametrize("raw", [b"", b"Subject: hello\n\nwords", report(b""), report(b"nonsense\n")])
def test_without_a_single_field_there_is_no_report(raw: bytes) -> None:
    assert delivery_status.read(message.read(raw)) is None

from __future__ import annotations

import string
import tomllib
from dataclasses import fields
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from dsnparse.explaining import Explanation, explain, explain_mail, in_one_line, is_mail, read_pasted, read_reply
from dsnparse.explaining.codes import bare_codes
from dsnparse.explaining.words import in_words
from dsnparse.model import About, Action, Block, Confidence, Kind, Reason, Report, RetryAdvice
from dsnparse.reading import read, recipient_of
from dsnparse.smtp.codes import all_enhanced, all_replies
from dsnparse.status import builtin
from tests.conftest import FIXTURES
from tests.pipeline.mails import LETTER, bounce

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.status import Rule

WORDS = tomllib.loads(files("dsnparse.explaining").joinpath("words.toml").read_text("utf-8"))
CONDEMNING = {"user_unknown", "mailbox_disabled", "mailbox_moved", "domain_not_found", "domain_no_mail"}


def said(text: str) -> Explanation:
    return explain(read_reply(text))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentences(reason: Reason) -> None:
    row = WORDS["reason"][reason]
    assert {"means", "sender", "theirs"} <= set(row) <= {"means", "sender", "theirs", "unproven", "fault"}
    assert ("unproven" in row) == (reason in CONDEMNING)
    assert all(text.endswith(".") and text[0].isupper() for text in row.values())


def test_there_are_no_sentences_for_what_does_not_exist() -> None:
    assert set(WORDS["reason"]) == set(Reason)
    assert set(WORDS["fault"]) == set(About)
    assert set(Kind) <= set(WORDS["kind"])
    assert set(Confidence) <= set(WORDS["rule"])
    assert set(RetryAdvice) <= set(WORDS["again"])


def test_gaps_are_only_those_that_are_filled() -> None:
    gaps = {
        name
        for table, rows in WORDS.items()
        if table != "reason"
        for text in rows.values()
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }
    known = "after give_up until why seen code dead sender theirs rule evidence reason title meaning defined_in key"
    assert gaps == {*known.split(), "one", "one_says", "other", "other_says", "note", "used_by", "type"}


@pytest.mark.parametrize("rule", builtin().rows, ids=lambda rule: rule.id)
def test_every_rules_example_is_explained(rule: Rule) -> None:
    text = rule.example
    whole = said(text)
    assert all(getattr(whole, name) for name in ("means", "fault", "address", "sender", "theirs", "again", "rule"))
    assert "{" not in " ".join(str(getattr(whole, field.name)) for field in fields(whole)).replace(text, "")
    assert in_one_line(read_reply(text))


@pytest.mark.parametrize(
    "code",
    [
        *(f"{class_}{row.key[1:]}" for row in all_enhanced() for class_ in "245"),
        *(row.code for row in all_replies()),
        *("5.1.99", "5.99.1", "404", "599", "1.0.1", "3.5.4"),
    ],
)
def test_every_code_alone_is_explained(code: str) -> None:
    whole = said(code)
    assert whole.means
    assert whole.address
    assert code in " ".join((*whole.codes, whole.means))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("550 5.1.1 <alice@example.org>: User unknown", "Yes. Drop it."),
        ("550 5.1.2 Host unknown", "Yes, like every address at this domain. Drop it."),
        ("452 4.2.2 Mailbox full", "No, nothing here says so. Do not write to it for 14 days, then go on as before."),
        ("554 5.7.1 Message rejected as spam", "No, nothing here says so. Keep it."),
        ("221 Bye", "No: nothing failed."),
        ("hello", "This does not tell. Keep it until something clearer comes."),
    ],
)
def test_whether_the_address_is_dead(text: str, address: str) -> None:
    assert said(text).address == address


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (Block(diagnostic="450 4.1.1 User unknown"), "the server calls the failure temporary"),
        (Block(diagnostic="550 4.1.1 User unknown"), "one code says permanent and another says temporary"),
        (Block(diagnostic="550 5.1.1 User unknown", confidence=Confidence.LOW), "the evidence is thin"),
    ],
)
def test_why_a_dead_looking_address_is_not_proven_dead(block: Block, why: str) -> None:
    assert explain(recipient_of(block)).address.startswith(f"Not proven: {why}")


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("550 5.1.1 User unknown", "No. It would fail again."),
        ("552 5.3.4 Message size exceeds fixed limit", "Only when the cause is mended."),
        ("452 4.5.3 Too many recipients", "Yes, at once, to fewer recipients."),
        ("451 4.7.1 Greylisted, come back in 00:05:00", "The answer itself asks to come back in 5 minutes. Yes."),
        ("452 4.2.2 Mailbox full", "Yes. A mail server does so by itself: after 2 hours, "),
        ("550 5.7.1 Refused by local policy", "Not before the cause is known"),
    ],
)
def test_when_to_send_again(text: str, again: str) -> None:
    assert said(text).again.startswith(again)


def test_a_delayed_recipient_is_not_judged_and_nothing_is_sent_twice() -> None:
    (recipient,) = read(
        bounce("a@example.org", ("4.4.1", "451 4.4.1 Connection timed out"), action="delayed")
    ).recipients
    whole = explain(recipient)
    assert whole.address.startswith("Nobody can say yet")
    assert "do not send it again" in whole.sender
    assert whole.again.startswith("No: the mail server is still trying")


def test_a_delivered_recipient_is_told_so() -> None:
    whole = explain(recipient_of(Block(action=Action.DELIVERED, reported_status="2.0.0")))
    assert (whole.means, whole.fault, whole.again) == ("The message was delivered.", "", "")


def test_the_rule_its_source_and_its_words_are_named() -> None:
    rule = said("450 4.2.1 The user you are trying to contact is receiving mail too quickly").rule
    assert rule.startswith("rate-recipient (Google Workspace SMTP errors, and common wording), by the words ")
    assert said("550 5.1.1").rule == "The meaning of the code 5.1.1 itself. Likely."
    assert said("550 5.1.1 qwertz").rule == "No rule knows the words; the code 5.1.1 decides. Likely."


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("4.5.1", "Meant is the reply code 451, written with dots"),
        ("5.4.1", "Microsoft 365 uses 5.4.1 for: recipient address rejected: access denied"),
        ("1.1.1", "connection refused"),
        ("4.3.1", "out of memory"),
    ],
)
def test_other_senses_of_a_code_are_named(code: str, words: str) -> None:
    assert words in " ".join(said(code).beware)


def test_a_reply_with_clear_words_is_not_cluttered_with_what_lists_say() -> None:
    assert said("550 5.7.1 Message rejected as spam").beware == ()
    assert said("550 5.4.1 Recipient address rejected: Access denied").beware != ()


def test_codes_that_contradict_each_other_are_named() -> None:
    assert said("550 4.7.1").beware[0] == (
        "The codes contradict each other: 550 says failed for good, 4.7.1 says failed for now."
    )


def test_what_a_bare_code_is_worth_is_told() -> None:
    assert "came from a dead address" in said("550").address
    assert "came from a dead address" not in said("550 User unknown").address
    assert said("5.4.1").address.startswith("This does not tell.")  # mostly dead, and its registered sense says soft


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("5.7.1", ("5.7.1",)),
        ("SMTP error 452 4.1.0", ("452", "4.1.0")),
        ("(#5.1.1)", ("5.1.1",)),
        ("550-5.1.1", ("550", "5.1.1")),
        ("1.0.1", ("1.0.1",)),
        ("550 User", ()),
        ("192.0.2.1", ()),
        ("", ()),
    ],
)
def test_bare_codes(text: str, codes: tuple[str, ...]) -> None:
    assert bare_codes(text) == codes


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "no time"),
        (1, "1 second"),
        (120, "2 minutes"),
        (5400, "1 hour 30 minutes"),
        (86_400, "1 day"),
        (129_600, "36 hours"),
        (1_209_600, "14 days"),
    ],
)
def test_times_as_people_say_them(seconds: int, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    "raw",
    [
        bounce("a@example.org"),
        b"From MAILER-DAEMON Thu Mar  7 12:56:28 2024\n" + LETTER,
        b"\n" + LETTER.replace(b"\n", b"\r\n"),
        b"X-Long: a\n b\nFrom: a@example.org\nTo: b@example.org\n",
    ],
)
def test_a_mail_is_known(raw: bytes) -> None:
    assert is_mail(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"550 5.1.1 User unknown",
        b"Subject: 550 5.1.1 User unknown",
        b"Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: 5.1.1\n",
        b"Remote host said: 550 no such user\nGiving up.",
        b"Hi. This is the qmail-send program.\n\nFrom: a@example.org\nTo: b@example.org\n",
    ],
)
def test_what_is_no_mail_is_not_taken_for_one(raw: bytes) -> None:
    assert not is_mail(raw)


NOTICE = """\
This is the mail system at host mail.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<carol@example.net>: host mx.example.net[203.0.113.5] said: 450 4.2.0
    <carol@example.net>: Recipient address rejected: Greylisted (in reply to RCPT TO command)

<dave@example.com>: host mx.example.com[203.0.113.6] said: 550 5.1.1
    <dave@example.com>: User unknown (in reply to RCPT TO command)
"""


def pasted(text: str) -> list[tuple[str | None, str | None, str | None]]:
    found = [recipient for _, recipient in read_pasted(text)]
    return [(each.address, each.verdict.reason, each.verdict.bounce_type) for each in found]


def test_the_text_of_a_notice_gives_its_recipients() -> None:
    assert pasted(NOTICE) == [
        ("carol@example.net", "greylisted", "soft"),
        ("dave@example.com", "user_unknown", "hard"),
    ]


def test_a_notice_whose_blank_lines_were_lost_still_gives_its_reply() -> None:
    text = (
        "Address not found\nYour message wasn't delivered to alice@example.com because the address couldn't be found.\n"
        "The response from the remote server was:\n550 5.1.1 <alice@example.com>: User unknown\n"
    )
    assert pasted(text) == [("alice@example.com", "user_unknown", "hard")]


def test_the_milder_of_two_statements_on_one_recipient_stands() -> None:
    text = (
        "These recipients of your message have been processed by the mail server:\n"
        "alice@example.com; Failed; 5.1.1 (bad destination mailbox address)\n\n"
        "    Remote MTA 192.0.2.1: SMTP diagnostic: 550 RCPT TO:<alice@example.com> max message size exceeded\n"
    )
    assert pasted(text) == [("alice@example.com", "message_too_big", "soft")]


def test_status_fields_are_read() -> None:
    text = "Final-Recipient: rfc822; judy@example.com\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 full\n"
    assert pasted(text) == [("judy@example.com", "mailbox_full", "soft")]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("550 5.1.1 User unknown\n452 4.2.2 Mailbox full\n", ["user_unknown", "mailbox_full"]),
        ("220 mx\n250 ok\n550 5.1.1 User unknown\n503 5.5.1 need RCPT command\n221 Bye\n", ["user_unknown"]),
        ("550-5.1.1 The user\n550-5.1.1 was not\n550 5.1.1 found: no such user\n", ["user_unknown"]),
        ("550\n5.7.1\n", ["policy_refused"]),
        ("one line\nof nothing\n", [None]),
    ],
)
def test_lines_that_are_replies(text: str, reasons: list[str | None]) -> None:
    assert [reason for _, reason, _ in pasted(text)] == reasons


TRANSCRIPT = """\
Session Transcript
Resolving MX record for example.com (DNS Server: 203.0.113.1)...
*  P=010 S=000 D=example.com TTL=(1282) MX=[mx.example.com]
Attempting SMTP connection to 203.0.113.136:25
*  Connection established 192.0.2.83:1873 --> 203.0.113.136:25
Waiting for protocol to start...
<-- 554 mail-gw01.example.com cmsmtp ESMTP server not available
--> QUIT
"""


def test_a_transcript_gives_the_reply_and_no_code_that_is_none() -> None:
    ((_, recipient),) = read_pasted(TRANSCRIPT)
    assert (recipient.reply_code, recipient.status) == ("554", None)
    assert (recipient.verdict.reason, recipient.verdict.bounce_type) == ("sender_blocked", "soft")


IPLANET = """\
Your message cannot be delivered to the following recipients:

  Recipient address: leo@example.com
  Reason: SMTP transmission failure has occurred
  Diagnostic code: smtp;554 gw-mta15 esmtp ESMTP server not available AUP#I-1000
  Remote system: dns;mx.example.com (TCP|192.0.2.1|49185|203.0.113.4|25) (gw-mta15 esmtp ESMTP server not available)
"""


def test_an_iplanet_notice_is_about_the_sender() -> None:
    assert pasted(IPLANET) == [("leo@example.com", "sender_blocked", "soft")]


@pytest.mark.parametrize("text", ["\x00\xff\ud800", "550 " * 50_000, "<" * 100_000, "\n" * 100_000, "a@b " * 30_000])
def test_any_text_is_survived(text: str) -> None:
    for _, recipient in read_pasted(text):
        assert explain(recipient).means


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/*.eml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_fixture_is_explained(path: Path) -> None:
    report = read(path.read_bytes())
    assert explain_mail(report)
    for recipient in report.recipients:
        assert explain(recipient).means


def test_a_bounce_that_names_nobody_says_so() -> None:
    assert explain_mail(Report(kind=Kind.BOUNCE)).endswith(
        "It names no recipient, so nothing can be said about an address."
    )


@pytest.mark.parametrize(
    ("type_", "words"),
    [("abuse", "A complaint"), (None, "A complaint"), ("auth-failure", "type auth-failure: not a complaint")],
)
def test_a_report_on_authentication_is_no_complaint(type_: str | None, words: str) -> None:
    assert words in explain_mail(Report(kind=Kind.FEEDBACK, feedback_type=type_))

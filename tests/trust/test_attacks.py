"""Mails that somebody wrote to have a subscriber thrown out, whole and as they lie in our Maildir."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dsnparse import parse
from dsnparse.model import Event, Kind, Trust
from dsnparse.trust import Assessment, SentRow, assess, envelope_recipient, subscriber_key
from tests.pipeline.mails import bounce
from tests.trust.ours import ALICE, BOB, DAY, NEW, NOW, SETTINGS, failed, path, sent

RECEIVED = b"Received: from x.example.net by mx.example.org; Fri, 20 Nov 2026 12:00:00 +0000\n"
ROW = sent(key=subscriber_key(ALICE, NEW))


def delivered(mail: bytes, to: str, sender: str = "") -> bytes:
    """Return a mail as our server stores it, with the envelope that it had."""
    return f"Return-Path: <{sender}>\nDelivered-To: {to}\n".encode() + RECEIVED + mail


def weighed(raw: bytes, *rows: SentRow, by_key: SentRow | None = ROW, now: timedelta = timedelta()) -> list[Assessment]:
    """Weigh every recipient of a mail, and Alice where it names none: no reader's mistake may be needed for safety."""
    told = parse(raw)
    envelope = envelope_recipient(raw, SETTINGS)

    def find(key: bytes) -> SentRow | None:
        return by_key if by_key is not None and by_key.key == key else None

    return [
        assess(each, told, envelope, rows, SETTINGS, NOW + now, by_key=find) for each in told.recipients or (failed(),)
    ]


def trusts(raw: bytes, *rows: SentRow) -> list[tuple[Trust, str | None]]:
    return [(each.trust, each.address) for each in weighed(raw, *rows)]


def test_the_genuine_bounce_that_the_others_imitate_is_strong() -> None:
    assert trusts(delivered(bounce(ALICE), path())) == [(Trust.STRONG, ALICE)]


def test_forged_verp_in_the_to_field() -> None:
    # The classical form, which says in clear whom it is about: no server of ours wrote To:.
    for to in ("news-bounces+alice=example.org@lists.example.org", path()):
        mail = bounce(ALICE).replace(b"To: news@example.org", f"To: {to}".encode())
        assert trusts(delivered(mail, "news-bounces@lists.example.org")) == [(Trust.NONE, ALICE)]
        assert trusts(mail) == [(Trust.NONE, ALICE)]


def test_forged_verp_in_the_envelope() -> None:
    mail = delivered(bounce(ALICE), "news-bounces+alice=example.org@lists.example.org")
    assert trusts(mail) == [(Trust.NONE, ALICE)]


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To", "Apparently-To"])
def test_forged_envelope_recipient_below_received(name: str) -> None:
    mail = f"{name}: {path()}\n".encode() + bounce(ALICE)
    assert trusts(delivered(mail, "news-bounces@lists.example.org")) == [(Trust.NONE, ALICE)]
    assert trusts(RECEIVED + mail) == [(Trust.NONE, ALICE)]
    assert trusts(mail) == [(Trust.NONE, ALICE)]  # nor where our server wrote no Received


@pytest.mark.parametrize(
    "probe",
    [
        "bounce+alice==a==example.org==w@lists.example.org",  # Sympa's welcome
        "news+bounces-probe-1-alice=example.org@lists.example.org",  # mlmmj's probe
        "news-bounces+0123456789abcdef0123456789abcdef01234567@lists.example.org",  # Mailman's probe
        "news-return-1-alice=example.org@lists.example.org",  # ezmlm's
    ],
)
def test_forged_probe(probe: str) -> None:
    assert trusts(delivered(bounce(ALICE), probe)) == [(Trust.NONE, ALICE)]


VACATION = b"""From: alice@example.org
To: news@example.org
Subject: Out of office
Auto-Submitted: auto-replied
Message-ID: <v@example.org>
In-Reply-To: <news-1@example.org>

I am away. alice@example.org does not exist until Monday.
"""

LETTER = b"""From: Bob <bob@example.net>
To: news@example.org
Subject: Alice
Message-ID: <l@example.net>

550 5.1.1 <alice@example.org>: User unknown
The address alice@example.org is dead, please remove alice@example.org from the list.
"""


def test_vacation_to_a_genuine_return_path() -> None:
    mail = delivered(VACATION, path())
    assert parse(mail).kind is Kind.AUTOREPLY
    assert [each.trust for each in weighed(mail, sent())] == [Trust.NONE]


def test_mention_in_the_text_of_a_letter_to_a_genuine_return_path() -> None:
    for mail in (LETTER, LETTER.replace(b"Subject: Alice", b"Subject: Re: Undelivered? Alice")):
        raw = delivered(mail, path(), sender=BOB)
        assert parse(raw).kind is Kind.OTHER
        assert trusts(raw, sent()) == [(Trust.NONE, ALICE)]


def test_delay_to_a_genuine_return_path() -> None:
    assert trusts(delivered(bounce(ALICE, action="delayed"), path()), sent()) == [(Trust.NONE, ALICE)]


def test_mention_in_the_text_of_a_genuine_bounce_for_somebody_else() -> None:
    mail = bounce(BOB).replace(b"could not be delivered.", b"could not be delivered.\n<alice@example.org>: unknown")
    assert [each.address for each in weighed(delivered(mail, path(BOB)))] == [BOB]


def test_replay_of_a_bounce_is_the_same_failure() -> None:
    # Sent again, with other Message-IDs and another original: all that counts is the token that it came to.
    mails = [bounce(ALICE, message_id=f"made-up-{number}@example.org", report=str(number)) for number in range(20)]
    mails += [bounce(ALICE, message_id=None), bounce(ALICE.upper()), bounce(ALICE).replace(b"\n", b"\r\n")]
    found = [each for mail in mails for each in weighed(delivered(mail, path()))]
    assert len(found) == len(mails)
    assert {each.trust for each in found} == {Trust.STRONG}
    events = {
        Event(address=(each.address or "").lower(), list=each.list, original=each.stand_in or "", at=NOW)
        for each in found
    }
    assert len(events) == 1


def test_replay_after_the_tokens_time() -> None:
    (late,) = weighed(delivered(bounce(ALICE), path()), now=31 * DAY)
    assert (late.trust, late.address) == (Trust.NONE, ALICE)
    assert "expired" in late.why


def test_bounce_for_somebody_elses_address_inside_a_genuine_return_path() -> None:
    # Alice has her own return path, and writes a bounce about Bob to it.  Bob is not touched; she may hurt herself.
    mail = delivered(bounce(BOB), path())
    (known,) = weighed(mail, sent(BOB))
    assert (known.trust, known.address, known.final_address) == (Trust.STRONG, ALICE, BOB)
    (unknown,) = weighed(mail, sent(BOB), by_key=None)
    assert (unknown.trust, unknown.address, unknown.final_address) == (Trust.NONE, BOB, None)


def test_somebody_else_beside_the_subscriber_inside_a_genuine_return_path() -> None:
    group = b"Final-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822"
    mail = bounce(ALICE).replace(b"--b\nContent-Type: text/rfc822", group)
    assert trusts(delivered(mail, path()), sent(BOB)) == [(Trust.STRONG, ALICE), (Trust.NONE, BOB)]


def test_a_thousand_subscribers_in_one_report_to_a_genuine_return_path() -> None:
    one = "Final-Recipient: rfc822; user{}@example.net\nAction: failed\nStatus: 5.1.1\n\n"
    groups = "".join(one.format(number) for number in range(900)).encode()
    mail = bounce(BOB).replace(b"--b\nContent-Type: text/rfc822", groups + b"--b\nContent-Type: text/rfc822")
    found = weighed(delivered(mail, path()))
    assert len(found) > 900
    assert {each.trust for each in found} == {Trust.NONE}


def test_bounce_for_somebody_who_forwards_elsewhere_inside_a_genuine_return_path() -> None:
    mail = bounce(BOB).replace(b"Final-Recipient: rfc822; bob@example.net", b"Final-Recipient: rfc822; c@example.net")
    (found,) = weighed(delivered(mail, path()), sent(BOB))
    assert (found.address, found.final_address) == (ALICE, "c@example.net")


def test_token_of_another_list() -> None:
    made = path(on="talk").replace("talk-", "news-")
    assert trusts(delivered(bounce(ALICE), made)) == [(Trust.NONE, ALICE)]


def test_token_of_another_domain() -> None:
    made = path().replace("example.org", "example.net")
    assert trusts(delivered(bounce(ALICE), made)) == [(Trust.NONE, ALICE)]


def test_token_of_another_subscriber_of_whom_the_ledger_knows_nothing() -> None:
    assert trusts(delivered(bounce(ALICE), path("mallory@example.com")), sent()) == [(Trust.NONE, ALICE)]


COMPLAINT = b"""From: fbl@example.net
To: abuse@example.org
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A complaint.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1
Version: 1
Original-Mail-From: <%s>
Original-Rcpt-To: <%s>

--b
Content-Type: message/rfc822

Return-Path: <%s>
From: news@example.org
To: news@example.org
List-Id: <news.lists.example.org>
Message-ID: <news-1@example.org>
Subject: News

text
--b--
"""


def test_forged_complaint() -> None:
    verp = b"news-bounces+alice=example.org@lists.example.org"
    mail = delivered(COMPLAINT % (verp, ALICE.encode(), verp), "abuse@example.org")
    assert parse(mail).kind is Kind.FEEDBACK
    assert trusts(mail) == [(Trust.NONE, ALICE)]
    assert trusts(mail, sent(BOB)) == [(Trust.NONE, ALICE)]


def test_complaint_about_somebody_else_with_ones_own_return_path() -> None:
    own = path().encode()
    mail = delivered(COMPLAINT % (own, BOB.encode(), own), "abuse@example.org")
    (found,) = weighed(mail, sent(BOB))
    assert (found.address, found.final_address) == (ALICE, BOB)
    assert weighed(mail, by_key=None)[0].trust is Trust.NONE


def test_the_genuine_complaint_that_these_imitate_is_strong() -> None:
    mail = delivered(COMPLAINT % (path().encode(), ALICE.encode(), b""), "abuse@example.org")
    assert trusts(mail) == [(Trust.STRONG, ALICE)]

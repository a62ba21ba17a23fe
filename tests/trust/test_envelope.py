from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsnparse.trust import TrustSettings, envelope_recipient, received_at

OURS = "bounces+token@lists.example.org"
FORGED = "bounces+forged@lists.example.org"
ANY = TrustSettings()
STRICT = replace(ANY, own_hosts=("mx.example.org", "imap.example.org"))
BY_US = "Received: from mail.example.net (mail.example.net [192.0.2.1])\n\tby mx.example.org (Postfix) with ESMTPS\n"
BY_US += "\tid 4F1; Fri, 20 Nov 2026 12:00:00 +0100 (CET)\n"
BY_THEM = "Received: from localhost by mail.example.net; Thu, 19 Nov 2026 12:00:00 +0000\n"
REST = f"From: MAILER-DAEMON@example.net\nTo: {FORGED}\nSubject: x\n\nbody\n"


def recipient(text: str, settings: TrustSettings = ANY) -> str | None:
    return envelope_recipient(text.encode("utf-8", "surrogateescape"), settings)


# What the servers write: Postfix local(8), Postfix with flags of pipe(8), Exim, Dovecot's LMTP server, qmail.
POSTFIX = f"Return-Path: <>\nX-Original-To: {OURS}\nDelivered-To: {OURS}\n{BY_US}{BY_THEM}{REST}"
EXIM = (
    f"Return-path: <>\nEnvelope-to: {OURS}\nDelivery-date: Fri, 20 Nov 2026 12:00:01 +0100\n"
    "Received: from mail.example.net ([192.0.2.1])\n\tby mx.example.org with esmtps (TLS1.3) (Exim 4.96)\n"
    f"\tid 1abcde-000001-2x\n\tfor {OURS}; Fri, 20 Nov 2026 12:00:00 +0100\n{REST}"
)
DOVECOT = (
    f"Return-Path: <>\nDelivered-To: {OURS}\nReceived: from mx.example.org ([192.0.2.7])\n\tby imap.example.org with"
    f" LMTP\n\tid abc (envelope-from <>)\n\tfor <{OURS}>; Fri, 20 Nov 2026 11:00:01 +0000\n{BY_US}{REST}"
)
QMAIL = (
    f"Return-Path: <>\nDelivered-To: {OURS}\nReceived: (qmail 123 invoked by uid 89); 20 Nov 2026 11:00:00 -0000\n"
    f"Received: from mail.example.net (192.0.2.1)\n  by mx.example.org with SMTP; 20 Nov 2026 11:00:00 -0000\n{REST}"
)


@pytest.mark.parametrize(
    ("mail", "settings"),
    [
        (POSTFIX, ANY),
        (POSTFIX, STRICT),
        (POSTFIX, replace(STRICT, envelope_headers=("X-Original-To",))),
        (EXIM, replace(STRICT, envelope_headers=("Envelope-To",))),
        (DOVECOT, STRICT),
        (QMAIL, ANY),
        (POSTFIX.replace("\n", "\r\n"), STRICT),
        ("From MAILER-DAEMON Fri Nov 20 12:00:00 2026\n" + POSTFIX, STRICT),
        (POSTFIX.replace("Delivered-To: ", "Delivered-To:\n  "), STRICT),
        (POSTFIX.replace("Delivered-To: ", "delivered-TO \t: <").replace(f"<{OURS}", f"<{OURS}>"), STRICT),
    ],
)
def test_our_own_servers_field_is_believed(mail: str, settings: TrustSettings) -> None:
    assert recipient(mail, settings) == OURS


@pytest.mark.parametrize(
    ("mail", "settings"),
    [
        (REST, ANY),  # To: proves nothing
        (f"Delivered-To: {FORGED}\n{REST}", ANY),  # no Received at all
        (f"{BY_US}Delivered-To: {FORGED}\n{REST}", ANY),  # the sender's own, below our Received
        (f"{BY_US}X-Original-To: {FORGED}\nEnvelope-To: {FORGED}\n{REST}", ANY),
        (f"Delivered-To: {FORGED}\n{BY_THEM}{REST}", STRICT),  # not taken by a server of ours
        (f"X-Original-To: {FORGED}\n{BY_US}{REST}", ANY),  # not the field that we write
        (f"X-Delivered-To: {FORGED}\n{BY_US}{REST}", ANY),
        (f"Subject: Delivered-To: {FORGED}\n {FORGED}\n{BY_US}{REST}", ANY),  # within another field
        (f"Subject: x\n Delivered-To: {FORGED}\n{BY_US}{REST}", ANY),
        (f"Subject: x\n\nDelivered-To: {FORGED}\n{BY_US}{REST}", ANY),  # in the body
        (f"Delivered-To: {FORGED}\n\n{BY_US}{REST}", ANY),  # Received in the body
        (f"Delivered-To: {FORGED}\nno field\n{BY_US}{REST}", ANY),
        (f"Delivered-To: {FORGED}\n \n{BY_US}{REST}", ANY),
        (f"Delivered-To: {FORGED}, {OURS}\n{BY_US}{REST}", ANY),  # whose is it?
        (f"Delivered-To: \n{BY_US}{REST}", ANY),
        (f"Delivered-To: |/bin/sh\nDelivered-To: {FORGED}\n{BY_US}{REST}", ANY),  # only the topmost
        (f"Delivered-To: a\rDelivered-To: {FORGED}\n{BY_US}{REST}", ANY),  # a lone CR begins no field
        (f"Delivered-To: {FORGED}\n{QMAIL}", STRICT),  # "invoked by" stands in a comment
        (f"Delivered-To: {FORGED}\nReceived: from x (by mx.example.org) by mail.example.net; x\n{REST}", STRICT),
        (f"Delivered-To: {FORGED}\nReceived: from (((by mx.example.org)); x\n{REST}", STRICT),
        (f"Delivered-To: {FORGED}\nReceived: by mx.example.org.attacker.example; x\n{REST}", STRICT),
        (f"Delivered-To: {FORGED}\nReceived: by\n{REST}", STRICT),
        (f"Delivered-To: {FORGED}\nReceived:\n{REST}", STRICT),
        ("", ANY),
    ],
)
def test_what_somebody_else_may_have_written_is_not(mail: str, settings: TrustSettings) -> None:
    assert recipient(mail, settings) is None


def test_of_several_fields_the_topmost_counts() -> None:
    assert recipient(f"Delivered-To: {OURS}\nDelivered-To: {FORGED}\n{BY_US}{REST}") == OURS
    both = replace(ANY, envelope_headers=("Delivered-To", "X-Original-To"))
    assert recipient(f"X-Original-To: {OURS}\nDelivered-To: bounces@localhost.example\n{BY_US}{REST}", both) == OURS


def test_a_mail_that_ends_with_its_header_is_read() -> None:
    assert recipient(f"Delivered-To: {OURS}\nReceived: by mx.example.org", STRICT) == OURS


def test_received_by_names_are_compared_in_lower_case_without_the_closing_dot() -> None:
    assert recipient(f"Delivered-To: {OURS}\nReceived: from x BY MX.example.ORG.; x\n{REST}", STRICT) == OURS


@pytest.mark.parametrize(
    "mail",
    [
        b"Delivered-To: " + b"a" * 20_000_000,
        b"Delivered-To: " + b"a\n " * 7_000_000,
        b"Received: " + b"(" * 20_000_000,
        b"Received: from " + b"x by " * 4_000_000,
        b"a:\n" * 7_000_000,
        b"\n" * 20_000_000,
        b" " * 20_000_000,
        b"Delivered-To:" * 2_000_000,
    ],
    ids=range(8),
)
def test_a_huge_header_is_survived_at_once(mail: bytes) -> None:
    begin = time.process_time()
    assert envelope_recipient(mail, STRICT) is None
    assert received_at(mail, STRICT.own_hosts) is None
    assert time.process_time() - begin < 1


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(raw: bytes) -> None:
    envelope_recipient(raw, STRICT)
    assert envelope_recipient(b"Delivered-To: " + raw + b"\n" + REST.encode(), STRICT) is None
    received_at(b"Received: by mx.example.org; " + raw, STRICT.own_hosts)


def at(text: str) -> datetime | None:
    return received_at(text.encode(), STRICT.own_hosts)


def test_the_time_is_that_of_our_own_server() -> None:
    assert at(POSTFIX) == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert at(EXIM) == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert at(DOVECOT) == datetime(2026, 11, 20, 11, 0, 1, tzinfo=UTC)


def test_a_forged_received_below_ours_dates_nothing() -> None:
    forged = "Received: by mx.example.org; Mon, 1 Jan 2001 00:00:00 +0000\n"
    assert at(POSTFIX.replace(BY_THEM, forged)) == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert at(BY_THEM + forged + REST) is None
    for greeting in ("by", "from", "(by", "x)"):  # what the client called itself
        ours = BY_US.replace("from mail.example.net", f"from {greeting}")
        assert at(ours + forged + REST) in {None, datetime(2026, 11, 20, 11, 0, tzinfo=UTC)}
    assert at(BY_US.replace("from mail.example.net", "from by") + REST) == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "mail",
    [
        "",
        REST,
        BY_THEM + REST,
        BY_THEM + POSTFIX,
        "Date: Fri, 20 Nov 2026 12:00:00 +0100\n" + REST,
        "Received: by mx.example.org\n" + REST,
        "Received: by mx.example.org; yesterday\n" + REST,
        "Received: by mx.example.org; 31 Dec 9999 23:00:00 -2300\n" + REST,
        "Received: by mx.example.org; 99 Nov 2026 12:00:00 +0100\n" + REST,
        "Subject: x\n\n" + BY_US,
    ],
)
def test_there_is_no_time_where_our_server_states_none(mail: str) -> None:
    assert at(mail) is None


def test_without_names_of_our_own_servers_there_is_no_time() -> None:
    assert received_at(POSTFIX.encode(), ()) is None

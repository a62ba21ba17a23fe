"""What is read by a quick way must be what the full way reads."""

from __future__ import annotations

import pytest

from dsnparse import message
from dsnparse.model import Defect, Fields
from dsnparse.reports import autoreply, delivery_status, notice
from dsnparse.reports.groups import typed
from dsnparse.text.addresses import bare
from dsnparse.text.xtext import decode_xtext


def fields_of(*groups: str) -> Fields:
    status = "\n\n".join(groups)
    header = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
    part = f"--b\nContent-Type: message/delivery-status; charset=utf-8\n\n{status}\n\n--b--\n"
    fields = delivery_status.read(message.read(f"{header}\n\n{part}".encode()))
    assert fields is not None
    return fields


@pytest.mark.parametrize("kind", ["rfc822;", "RFC822 ; ", "rfc822;\t"])
@pytest.mark.parametrize(
    "address",
    [
        "alice@example.org",
        "a_b=c-d@mail.example.org",
        "user+2Btag@example.org",
        "<alice@example.org>",
        "alice",
        "@",
        ".",
        "alice@example.org.",
        "alice@",
        '"alice"@example.org',
        "alice @example.org",
        "\u00e4@example.org",
        "a@b c@d",
    ],
)
def test_a_sound_address_is_what_every_other_one_is_read_to(kind: str, address: str) -> None:
    words = typed(kind + address)[1]
    assert fields_of(f"Final-Recipient: {kind}{address}").blocks[0].address == (bare(decode_xtext(words)) or None)


@pytest.mark.parametrize(
    "value",
    [
        "dns; mx.example.org",
        "dns;mx.example.org",
        "smtp ;mx",
        "mx.example.org",
        "dns; mx (192.0.2.1)",
        "dns; mx.",
        "dns;",
        "dns; [192.0.2.1]",
        "dns; a b",
        "x-local-hostname; \u00e4",
        "dns; .",
    ],
)
def test_a_sound_host_is_what_every_other_one_is_read_to(value: str) -> None:
    assert fields_of(f"Reporting-MTA: {value}").reporting_mta == (
        typed(value)[1].partition(" (")[0].strip().rstrip(".") or None
    )


@pytest.mark.parametrize(
    ("value", "code", "defects"),
    [
        ("5.1.1", "5.1.1", []),
        ("4.0.0", "4.0.0", []),
        ("5.255.999", "5.255.999", []),
        ("5.01.1", "5.1.1", [Defect(code="status_leading_zero", detail="5.01.1")]),
        ("(5.1.1)", "5.1.1", []),
        ("5.1.1 (unknown)", "5.1.1", []),
        ("5.1.1.1", None, []),
        ("3.1.1", None, []),
        ("5.\u0661.1", "5.1.1", [Defect(code="status_leading_zero", detail="5.\u0661.1")]),
    ],
)
def test_codes_in_their_proper_form_and_in_others(value: str, code: str | None, defects: list[Defect]) -> None:
    fields = fields_of(f"Final-Recipient: rfc822; alice@example.org\nStatus: {value}")
    assert fields.blocks[0].reported_status == code
    assert fields.defects == tuple(defects)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Final-Recipient: a\nStatus: 5.0.0", "Final-Recipient: b\nStatus: 4.0.0"),
        ("Final-Recipient: a\nX-Note: 1", "Final-Recipient: b\nAction: failed\nX-Note: 2"),
        ("Original-Recipient: a\nAction: failed", "Original-Recipient: b\nFinal-Recipient: c"),
    ],
)
def test_sound_groups_are_split_as_joined_ones_are(one: str, other: str) -> None:
    head = "Reporting-MTA: dns; mx\nX-Own: 1"
    apart = fields_of(head, one, other)
    assert len(apart.blocks) == 2
    assert apart == fields_of(head, f"{one}\n{other}")


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("subject", ["Undelivered Mail", "Re: Undelivered Mail", "Out of office", "Minutes", ""])
def test_a_subject_means_the_same_however_long_it_is_and_however_often_it_comes(subject: str, long: bool) -> None:  # noqa: FBT001
    words = subject + " x" * 100 * long
    for _ in range(2):
        mail = message.read(f"From: alice@example.org\nSubject: {words}\n\nhello\n".encode())
        assert notice.notice_subject(mail) == (subject == "Undelivered Mail")
        assert (autoreply.read(mail) is not None) == (subject == "Out of office")

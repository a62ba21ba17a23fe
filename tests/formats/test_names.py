"""Who is meant where a notice names a recipient badly, and where its reason goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsnparse import formats
from tests.formats.mails import mail, message_of

if TYPE_CHECKING:
    from dsnparse.model import Block

GROUPWISE = "The message that you sent was undeliverable to the following:\n\talice (Mailbox full)\n"


def blocks(text: str, returned: str = "") -> tuple[Block, ...]:
    fields = formats.read(message_of(text, returned) if returned else mail(text), None)
    assert fields is not None
    return fields.blocks


@pytest.mark.parametrize(
    ("returned", "address"),
    [
        ("To: alice@example.org\nSubject: Hello\n", "alice@example.org"),
        ("Received: from x by y\n\tfor <Alice@example.org>; Tue, 3 Feb 2026 10:00:00 +0000\nTo: list@example.net\n",
         "Alice@example.org"),
        ("To: carol@example.com, alice@example.org\nCc: ALICE@example.org\n", "alice@example.org"),
        ("To: alice@example.org\nCc: alice@example.com\n", "alice"),  # two may be meant
        ("To: carol@example.com\n", "alice"),
        ("Subject: alice@example.org\n", "alice"),
    ],
)  # fmt: skip
def test_a_bare_name_gets_the_domain_of_the_only_address_that_can_be_meant(returned: str, address: str) -> None:
    assert [block.address for block in blocks(GROUPWISE, returned)] == [address]


@pytest.mark.parametrize(
    "line",
    [
        '>>> "alice" <alice@example.org>',
        '"alice" <alice@example.org>',
        "alice <alice@example.org>",
        "<alice@example.org>",
        "alice@example.org <other@example.net>",
    ],
)
def test_a_display_name_is_never_taken_for_the_address_beside_it(line: str) -> None:
    text = (
        f"   ----- The following addresses had permanent fatal errors -----\n{line}\n\n"
        "   ----- Transcript of session follows -----\n550 5.1.1 no mailbox here by that name\n"
    )
    assert [block.address for block in blocks(text)] == ["alice@example.org"]


QMAIL = (
    "Hi. This is the qmail-send program at mail.example.net.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<alice@example.org>:\n"
)


def test_a_further_paragraph_that_has_the_code_belongs_to_the_reason() -> None:
    (block,) = blocks(QMAIL + "user is over quota\n\nMail quota exceeded. (#5.2.2)\n")
    assert block.reply_status == "5.2.2"
    assert "over quota" in (block.diagnostic or "")


@pytest.mark.parametrize(
    "further",
    ["Ask the help desk.\n", "--- Enclosed is the mail (#5.1.1)\n", "Our server is version 5.2.2\n"],
)
def test_any_other_paragraph_does_not(further: str) -> None:
    (block,) = blocks(f"{QMAIL}user is over quota\n\n{further}")
    assert block.reply_status is None
    assert block.diagnostic == "user is over quota"


def test_a_reason_with_a_code_of_its_own_takes_no_other() -> None:
    (block,) = blocks(QMAIL + "user is over quota (#5.2.2)\n\nNo such user (#5.1.1)\n")
    assert block.reply_status == "5.2.2"
    assert "No such user" not in (block.diagnostic or "")

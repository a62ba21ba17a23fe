"""What a recalled form and the general reader may and may not be sure of."""

from __future__ import annotations

import pytest

from dsnparse import formats, reading
from dsnparse.formats.confidence import has_own_code
from dsnparse.model import Block, BounceType, Confidence, Kind
from tests.formats.mails import mail, raw

# XMail, Stalwart, James: recalled rows.
BORNE_OUT = {
    "a reply of the remote server": "XMail bounce: Rcpt=[alice@example.org];Error=[550 Unknown user: "
    "alice@example.org]\n",
    "an enhanced code": "XMail bounce: Rcpt=[alice@example.org];Error=[no account (#5.1.1)]\n",
    "a phrase that many systems print": "Failed recipient(s):\nalice@example.org\n\nError message:\nUser unknown\n",
    "the phrase below the recipient": "The local mail transport system has reported the following problems\n"
    "it encountered while trying to deliver your message:\n\n*** alice@example.org\n    User not known at this site.\n",
}
NOT_BORNE_OUT = {
    "words of the form alone": "XMail bounce: Rcpt=[alice@example.org];Error=[the door is shut]\n",
    "no words at all": "Failed recipient(s):\nalice@example.org\n",
    "a number that is no code": "XMail bounce: Rcpt=[alice@example.org];Error=[over 500 MB in use]\n",
    "the code of a success": "XMail bounce: Rcpt=[alice@example.org];Error=[250 ok]\n",
}


@pytest.mark.parametrize("text", BORNE_OUT.values(), ids=BORNE_OUT.keys())
def test_a_recalled_form_is_of_medium_confidence_where_more_than_the_form_speaks(text: str) -> None:
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert fields.format not in {"general", "flufl"}
    assert [(block.address, block.confidence) for block in fields.blocks] == [("alice@example.org", Confidence.MEDIUM)]


@pytest.mark.parametrize("text", NOT_BORNE_OUT.values(), ids=NOT_BORNE_OUT.keys())
def test_a_recalled_form_alone_is_of_low_confidence(text: str) -> None:
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert fields.format not in {"general", "flufl"}
    assert [(block.address, block.confidence) for block in fields.blocks] == [("alice@example.org", Confidence.LOW)]


@pytest.mark.parametrize("text", NOT_BORNE_OUT.values(), ids=NOT_BORNE_OUT.keys())
def test_a_recalled_form_alone_is_never_hard(text: str) -> None:
    assert BounceType.HARD not in {one.verdict.bounce_type for one in reading.read(raw(text)).recipients}


TIED = {
    "beside it": "Delivery report\nalice@example.org 550 5.1.1 unknown\n",
    "below it": "We failed to deliver it to\n\n    alice@example.org\n    550 5.1.1 unknown\n",
    "inside it": "It could not be delivered.\n550 5.1.1 <alice@example.org>... User unknown\n",
    "a session": "It could not be delivered.\nRCPT TO:<alice@example.org>\n550 5.1.1 unknown\n",
    "the only recipient": "The transfer failed.\nRecipient: alice@example.org\n\nThe answer was: 550 5.1.1 unknown\n",
}
LOOSE = {
    "a reply that names somebody else": "It could not be delivered to alice@example.org: 550 5.1.1 "
    "<carol@example.com> unknown",
    "one reply and two recipients": "The transfer failed.\nRecipient: alice@example.org\n"
    "Recipient: carol@example.com\n\n"
    "The answer was: 550 5.1.1 unknown\n",
    "one line and two recipients": "alice@example.org and carol@example.com could not be delivered: 550 5.1.1 "
    "unknown\n",
    "an address that is only the addressee of the mail": "550 5.1.1 unknown. The mail was not delivered.\n\n"
    "To: alice@example.org\n",
    "the only address of a text": "550 5.1.1 unknown\n\nThe mail failed.\n\n"
    "Last seen: alice@example.org, years ago, in the hall\n",
    "no code": "It could not be delivered to\n\n    alice@example.org\n    no such person lives here\n",
}


@pytest.mark.parametrize("text", TIED.values(), ids=TIED.keys())
def test_the_general_reader_is_of_medium_confidence_where_the_code_is_the_recipients_own(text: str) -> None:
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert fields.format == "general"
    assert [(block.address, block.confidence) for block in fields.blocks] == [("alice@example.org", Confidence.MEDIUM)]


@pytest.mark.parametrize("text", LOOSE.values(), ids=LOOSE.keys())
def test_the_general_reader_is_of_low_confidence_elsewhere(text: str) -> None:
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert fields.format == "general"
    assert "alice@example.org" in {block.address for block in fields.blocks}
    assert {block.confidence for block in fields.blocks} == {Confidence.LOW}


def test_a_code_is_the_recipients_own_only_where_no_other_address_stands_beside_it() -> None:
    block = Block(address="alice@example.org", reply_code="550", diagnostic="550 <Alice@example.org> unknown")
    assert has_own_code(block)
    other = Block(address="alice@example.org", reply_code="550", diagnostic="550 <carol@example.com> unknown")
    assert not has_own_code(other)


QUOTES = {
    "a ticket system": "Thank you. Your mail has been recorded as ticket 1.\n\n"
    "> Delivery to the following recipient failed permanently:\n>\n>     alice@example.org\n>\n> 550 5.1.1 unknown\n",
    "a quoted transcript": "We have received your mail.\n\n> RCPT TO:<alice@example.org>\n> 550 5.1.1 unknown\n",
    "two levels": "Noted.\n\n>> <alice@example.org>:\n>> 550 5.1.1 unknown\n",
}


@pytest.mark.parametrize("text", QUOTES.values(), ids=QUOTES.keys())
def test_quoted_lines_in_a_mail_that_no_system_wrote_are_not_read(text: str) -> None:
    found = formats.read(mail(text, from_="help@example.net", subject="Ticket 1: Delivery failed"), None)
    assert found is None or found.blocks == ()


def test_the_same_lines_are_read_where_a_mail_system_wrote_them() -> None:
    fields = formats.read(mail("> RCPT TO:<alice@example.org>\n> 550 5.1.1 unknown\nIt was not delivered.\n"), None)
    assert fields is not None
    assert fields.kind is not Kind.OTHER
    assert [block.address for block in fields.blocks] == ["alice@example.org"]

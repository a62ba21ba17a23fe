from __future__ import annotations

from dsnparse import formats
from dsnparse.model import Action, Block, Fields, Stage
from tests.formats.mails import mail

TEXT = """This is the mail system at host mail.example.net.

<alice@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 User unknown
    (in reply to RCPT TO command)
"""


def fill(*blocks: Block, text: str = TEXT) -> tuple[Block, ...]:
    fields = formats.read(mail(text), Fields(format="rfc3464", blocks=blocks, reporting_mta="mail.example.net"))
    assert fields is not None
    assert (fields.format, fields.reporting_mta) == ("rfc3464", "mail.example.net")
    return fields.blocks


def test_words_and_codes_that_the_report_lacks_come_from_the_text() -> None:
    (block,) = fill(Block(address="alice@example.org", action=Action.FAILED, reported_status="5.0.0"))
    assert (block.reported_status, block.reply_status, block.reply_code) == ("5.0.0", "5.1.1", "550")
    assert (block.remote_mta, block.stage) == ("mx.example.org", Stage.RCPT)
    assert "User unknown" in (block.diagnostic or "")


def test_what_the_report_states_stays() -> None:
    stated = Block(
        address="alice@example.org", action=Action.DELAYED, reported_status="4.2.1", reply_status="4.2.1",
        reply_code="450", diagnostic="450 4.2.1 come back later", remote_mta="mx2.example.org",
    )  # fmt: skip
    assert fill(stated) == (stated,)


def test_the_stage_is_taken_for_the_same_reply_only() -> None:
    same = Block(
        address="alice@example.org", action=Action.FAILED, reply_code="550", reply_status="5.1.1",
        diagnostic="550 5.1.1 User unknown, that is all we know",
    )  # fmt: skip
    (block,) = fill(same)
    assert block.stage is Stage.RCPT


def test_a_missing_or_masked_recipient_is_named_by_the_text() -> None:
    for address in (None, "undisclosed", "|/usr/bin/archive"):
        (block,) = fill(Block(address=address, action=Action.FAILED, reported_status="5.0.0"))
        assert block.address == "alice@example.org"


def test_recipients_that_the_report_forgot_come_from_the_text() -> None:
    assert [block.address for block in fill()] == ["alice@example.org"]


def test_nobody_is_named_twice_and_nobody_is_added() -> None:
    blocks = fill(
        Block(address="alice@example.org", action=Action.FAILED, reported_status="5.0.0"),
        Block(address="carol@example.org", action=Action.FAILED, reported_status="5.0.0"),
    )
    assert [(block.address, block.reply_code) for block in blocks] == [
        ("alice@example.org", "550"),
        ("carol@example.org", None),
    ]


def test_a_recipient_that_was_reached_takes_nothing_from_the_text() -> None:
    reached = Block(address="alice@example.org", action=Action.DELIVERED, reported_status="2.0.0")
    assert fill(reached) == (reached,)

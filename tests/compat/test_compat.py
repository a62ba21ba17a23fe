from __future__ import annotations

import inspect
from email import message_from_string
from email.message import Message

import flufl.bounce
import pytest

from dsnparse import compat

FAILED = """From: MAILER-DAEMON@mail.example.net
Subject: failure notice

Hi. This is the qmail-send program at mail.example.net.

<alice@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

<carol@example.org>:
Mailbox full. (#5.2.2)
"""
DELAYED = """From: MAILER-DAEMON@mail.example.net
Subject: Delayed Mail (still being retried)

This is the mail system at host mail.example.net.

# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #

<alice@example.org>: connect to mx.example.org: Connection refused
"""
ALIAS = """From: MAILER-DAEMON@mail.example.net
Subject: Undelivered Mail Returned to Sender

                   The Postfix program

<alice@example.org> (expanded from <team@example.net>): unknown user
"""


def test_all_permanent_failures_are_a_frozenset_of_bytes() -> None:
    found = compat.scan_message(message_from_string(FAILED))
    assert found == frozenset({b"alice@example.org", b"carol@example.org"})
    assert type(found) is frozenset


def test_a_delay_is_temporary() -> None:
    message = message_from_string(DELAYED)
    assert compat.all_failures(message) == (frozenset({b"alice@example.org"}), frozenset())
    assert compat.scan_message(message) == frozenset()


def test_an_alias_is_named_beside_its_target() -> None:
    assert compat.scan_message(message_from_string(ALIAS)) == {b"alice@example.org", b"team@example.net"}


@pytest.mark.parametrize(
    "text", ["", "Subject: Hello\n\nSee you at six.\n", "Content-Type: multipart/report\n\n", "\x00\n\n"]
)
def test_an_ordinary_or_broken_message_gives_two_empty_sets(text: str) -> None:
    assert compat.all_failures(message_from_string(text)) == (frozenset(), frozenset())


def test_a_message_that_cannot_be_written_out_raises_nothing() -> None:
    message = Message()
    message.add_header("Content-Type", "text/plain", charset="no-such-charset")
    message.set_payload("caf\xe9 \udce9")
    assert compat.all_failures(message) == (frozenset(), frozenset())


@pytest.mark.parametrize("name", ["scan_message", "all_failures"])
def test_the_parameters_are_those_of_flufl_bounce(name: str) -> None:
    ours, theirs = (list(inspect.signature(getattr(module, name)).parameters) for module in (compat, flufl.bounce))
    assert ours == theirs

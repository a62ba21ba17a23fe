from __future__ import annotations

import pytest

from dsnparse import formats
from dsnparse.formats.data import load
from dsnparse.formats.returned import split
from tests.formats.mails import mail

HEADER = (
    "Received: from a by b; Tue, 3 Feb 2026 10:00 +0000\nFrom: bob@example.net\nTo: alice@example.org\nSubject: Hello"
)
NOTICE = "<alice@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n"

MARKERS = [
    "--- Below this line is a copy of the message.",
    "------ This is a copy of the message, including all the headers. ------",
    "   ----- Original message follows -----",
    "   ----- Unsent message follows -----",
    "   ----- Message header follows -----",
    "--- Original message follows.",
    "----- Original message -----",
    "Original message headers:",
    "Original message follows.",
    "------- Returned Message --------",
    "|------------------------- Message text follows: ------------------------|",
    "    Below is a copy of the original message:",
    "--- The header of the original message is following. ---",
    "Message headers follow.",
    "--- Enclosed is a copy of the message.",
]


@pytest.mark.parametrize("marker", MARKERS)
def test_the_returned_mail_begins_behind_a_marker(marker: str) -> None:
    message = mail(f"{NOTICE}\n{marker}\n\n{HEADER}\n\nHi Alice\n")
    assert formats.returned_text(message) == HEADER
    assert formats.notice_text(message).strip() == NOTICE.strip()


def test_the_returned_mail_is_known_by_its_header_alone() -> None:
    message = mail(f"{NOTICE}\n{HEADER}\n\nHi Alice\n")
    assert formats.returned_text(message) == HEADER
    assert formats.notice_text(message).strip() == NOTICE.strip()


def test_a_notice_without_returned_mail_stays_whole() -> None:
    message = mail(NOTICE)
    assert formats.returned_text(message) is None
    assert formats.notice_text(message) == NOTICE


def test_words_of_a_marker_inside_the_notice_cut_nothing() -> None:
    text = "Original message:\nnot kept here.\n\nThe message was not delivered to alice@example.org.\n"
    assert formats.notice_text(mail(text)) == text


def test_status_fields_in_the_text_are_no_returned_mail() -> None:
    text = "Reporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822; alice@example.org\nAction: failed\n"
    assert formats.notice_text(mail(text)) == text


def test_markers_are_in_lower_case_without_edges() -> None:
    for words in (word for table in load("markers").values() for word in table):
        assert words == " ".join(words.strip(" \t-=*_#~|>.:+<!").lower().split())


def test_a_recipient_in_the_returned_mail_is_never_taken() -> None:
    other = HEADER.replace("alice@example.org", "carol@example.org")
    fields = formats.read(
        mail(f"{NOTICE}\n--- Below this line is a copy of the message.\n\n{other}\n", subject="failure notice"), None
    )
    assert fields is not None
    assert [block.address for block in fields.blocks] == ["alice@example.org"]


@pytest.mark.parametrize("words", [words for table in load("markers").values() for words in table])
def test_every_marker_ends_the_notice_however_it_is_spaced_and_framed(words: str) -> None:
    for line in (words, f"-- {words.title()} --", words[:4] + words[4:].replace(" ", " \t\x0b\u3000")):
        assert split(f"No mailbox\n{line}\n{HEADER}\n\nHi") == ("No mailbox", HEADER)
        assert split(f"{line}\n{HEADER}") == ("", HEADER)


def test_a_line_is_a_marker_as_a_whole_and_not_for_its_beginning() -> None:
    for line in ("This is a copy of my notes", "Received an error", "a  copy of your message follows", "hea der"):
        text = f"No mailbox\n\n{line}\n{HEADER.replace(':', ' -')}\n"
        assert split(text) == (text, None)


def test_letters_whose_lower_case_is_longer_move_no_line() -> None:
    text = f"\u0130\u0130\u0130\n\u0130\n--- Original message follows.\n{HEADER}"
    assert split(text) == ("\u0130\u0130\u0130\n\u0130", HEADER)

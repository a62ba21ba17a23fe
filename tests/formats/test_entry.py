"""The quick way to the stage is taken for Postfix's paragraph alone, and finds what the formats find."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsnparse import formats, reading
from dsnparse.formats.entry import stage_beside
from dsnparse.model import Block, Stage

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
BLOCK = Block(address="alice@example.net", reply_code="550")
PARAGRAPH = (
    "I'm sorry.\n\n<alice@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1\n"
    "    <alice@example.net>: User unknown (in reply to RCPT TO\n    command)\n\nThe end.\n"
)


def test_the_note_behind_the_reply_names_the_stage() -> None:
    assert stage_beside(BLOCK, PARAGRAPH) is Stage.RCPT


@pytest.mark.parametrize(
    "text",
    [
        "",
        PARAGRAPH.replace("alice", "bob"),
        PARAGRAPH.replace("\n<alice", "\n> <alice"),  # quoted
        PARAGRAPH.replace("550", "450"),  # another reply
        PARAGRAPH.replace("550 5.1.1", "it is away"),
        PARAGRAPH.replace("in reply", "as a reply"),
        PARAGRAPH.replace("    <alice@example.net>: U", "<bob@example.net>: U"),  # the note is of the next one
        PARAGRAPH.replace("    <alice@example.net>: U", "--- U"),
        PARAGRAPH.replace("    <alice@example.net>: U", "\n    U"),  # the note is in another paragraph
        PARAGRAPH.removeprefix("I'm sorry.\n\n"),  # at the very start: left to the formats
    ],
)
def test_everything_else_is_left_to_the_formats(text: str) -> None:
    assert stage_beside(BLOCK, text) is None


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("postfix/*.eml")), ids=lambda path: path.stem)
def test_the_formats_find_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = path.read_bytes()
    quick = reading.read(raw)
    monkeypatch.setattr(formats, "staged", lambda *_: None)
    assert reading.read(raw) == quick

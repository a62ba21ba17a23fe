"""The general reader alone on real mails: what a system that nobody has listed may expect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dsnparse import formats, message
from dsnparse.model import Action

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.model import Fields

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def answers(corpus: Path) -> list[tuple[dict[str, Any], Fields | None]]:
    """Read each mail without its delivery-status part, without any format of the table, without flufl.bounce."""
    folder = corpus / "dev"
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").split("\n") if line]
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formats, "candidates", lambda _: ())
        patch.setattr(formats.flufl, "read", lambda _: None)
        for row in rows:
            mail = message.read((folder / row["file"]).read_bytes())
            mail.parts = [part for part in mail.parts if part.content_type not in message.STATUS]
            found.append((row, formats.read(mail, None)))
    return found


def test_it_names_exactly_the_recipients_of_nine_in_ten_bounces(
    answers: list[tuple[dict[str, Any], Fields | None]],
) -> None:
    right = total = 0
    for row, fields in answers:
        wanted = [one["addresses"] for one in row["recipients"] if one["addresses"]]
        if str(row["kind"]) not in {"bounce", "delayed"} or not wanted:
            continue
        named = {(block.address or "").lower() for block in fields.blocks} if fields else set()
        total += 1
        right += len(named) == len(wanted) and all(named & {name.lower() for name in names} for names in wanted)
    assert total > 500
    assert right / total > 0.9


def test_it_calls_nobody_failed_on_a_mail_that_is_no_bounce(
    answers: list[tuple[dict[str, Any], Fields | None]],
) -> None:
    named = [
        (row["id"], block.address)
        for row, fields in answers
        if isinstance(row["kind"], str) and row["kind"] in {"notbounce", "feedback", "mdn"} and fields
        for block in fields.blocks
        if block.action is Action.FAILED
    ]
    assert named == []

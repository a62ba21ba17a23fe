from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from dsnparse.model import Block
from dsnparse.smtp.codes import other_meanings
from dsnparse.status import judge

FOLDER = os.environ.get("DSNPARSE_CORPUS")
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER, reason="DSNPARSE_CORPUS names no corpus"),
]
# The list's own note on these says that a better vocabulary has a reason of its own: fewer recipients at once.
SPLIT = {"452 too many recipients", "4.5.3", "5.5.3"}


def corpus() -> Path:
    return Path(FOLDER or ".")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_replies_reach_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(corpus()), *sys.path])
    import score  # type: ignore[import-not-found]  # noqa: PLC0415 - the corpus brings its own scorer

    table = score.taxonomy()
    wrong = dead = missed = right = asked = 0
    for row in lines(corpus() / "replies.jsonl"):
        verdict = judge(Block(diagnostic=" ".join(row["text"].split())))
        hard = verdict.bounce_type == "hard"
        if row["hard"] is False:
            wrong += hard
        elif row["hard"]:
            dead, missed = dead + 1, missed + (not hard)
        if score.labels(row["reason"]) - {"undefined", "onhold"}:
            asked, right = asked + 1, right + score.reason_fits(verdict.reason, row["reason"], table)
    assert wrong == 0
    assert missed / dead < 0.04
    assert right / asked >= 0.95


def test_every_case_of_the_code_lists_comes_out_as_it_says() -> None:
    wrong = []
    for row in lines(corpus().parent / "knowledge" / "code_list_cases.jsonl"):
        if row["kind"] == "vendor_meaning":
            if row["vendor_reason"] not in {meaning.reason for meaning in other_meanings(row["input"])}:
                wrong.append(row)
            continue
        verdict = judge(Block(diagnostic=row["input"]))
        reason = "too_many_recipients" if row["input"] in SPLIT else row["expect_reason"]
        if (verdict.reason, verdict.bounce_type) != (reason, row["expect_bounce_type"]):
            wrong.append(row | {"got": (verdict.reason, verdict.bounce_type)})
    assert wrong == []

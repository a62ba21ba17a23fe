from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from dsnparse import formats
from dsnparse.formats.compile import compiled
from dsnparse.formats.registry import READERS
from dsnparse.model import Confidence, Kind
from tests.formats.mails import example

ROWS: list[dict[str, Any]] = tomllib.loads(files("dsnparse.formats").joinpath("formats.toml").read_text("utf-8"))[
    "format"
]
BY_ID = pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
KEYS = {
    "id", "system", "provenance", "source", "reader", "tell", "from", "subject", "header", "failed", "delayed",
    "failed_sentence", "delayed_sentence", "recipient", "recipient_header", "reason", "reason_after", "close",
    "close_reason", "kind", "final", "sure", "always", "local_domain", "separator", "host", "stage", "action",
    "example", "example_from", "example_subject", "example_header", "example_unnamed",
}  # fmt: skip


def test_the_compiled_tables_are_current() -> None:
    assert files("dsnparse.formats").joinpath("compiled.json").read_text("utf-8") == compiled()


def test_ids_are_unique() -> None:
    ids = [row["id"] for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)


@BY_ID
def test_a_row_has_only_known_keys_and_every_needed_one(row: dict[str, Any]) -> None:
    assert not set(row) - KEYS
    assert {"id", "system", "provenance", "source", "example"} <= set(row)
    assert row["provenance"] in {"run", "documented", "source", "recalled"}
    assert row.get("reader", "angle") in READERS
    assert row.get("reason", "below") in {"below", "to_next", "line", "before"}


@BY_ID
def test_words_that_are_looked_up_are_in_lower_case(row: dict[str, Any]) -> None:
    for key in ("tell", "from", "subject"):
        assert row.get(key, []) == [word.lower() for word in row.get(key, [])]


@BY_ID
def test_an_example_is_read_by_its_own_row(row: dict[str, Any]) -> None:
    fields = formats.read(example(row), None)
    assert fields is not None
    assert fields.format == row["id"]
    if row.get("example_unnamed"):
        assert fields.blocks == ()
        assert fields.kind is not None
    else:
        assert [block.address for block in fields.blocks] == ["alice@example.org"]


@BY_ID
def test_a_form_that_is_only_recalled_is_never_of_high_confidence(row: dict[str, Any]) -> None:
    fields = formats.read(example(row), None)
    assert fields is not None
    expected = {Confidence.LOW, Confidence.MEDIUM} if row["provenance"] == "recalled" else {Confidence.HIGH}
    assert {block.confidence for block in fields.blocks} <= expected


def test_a_row_of_no_bounce_never_names_a_failed_recipient() -> None:
    for row in ROWS:
        if row.get("final") and "reader" not in row:
            fields = formats.read(example(row), None)
            assert fields is not None
            assert fields.kind in {Kind.OTHER, Kind.AUTOREPLY, Kind.FEEDBACK}
            assert fields.blocks == ()


def test_the_compiled_tables_hold_every_row() -> None:
    loaded = json.loads(files("dsnparse.formats").joinpath("compiled.json").read_text("utf-8"))
    assert [row["id"] for row in loaded["formats"]["format"]] == [row["id"] for row in ROWS]

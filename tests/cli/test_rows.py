from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped] # it bears no types of its own
import pytest

import dsnparse
from dsnparse.cli.lines import report_line
from dsnparse.cli.rows import CSV_COLUMNS, csv_rows, json_line, report_row
from dsnparse.model import (
    Defect,
    Kind,
    Original,
    Reason,
    Recipient,
    Report,
    Retry,
    RetryAdvice,
    Verdict,
)
from tests.conftest import FIXTURES
from tests.pipeline.mails import bounce

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = json.loads(files("dsnparse").joinpath("report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
MAILS = sorted(FIXTURES.glob("*/*.eml"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", MAILS, ids=[f"{path.parent.name}/{path.name}" for path in MAILS])
def test_a_fixtures_line_fits_the_schema(path: Path) -> None:
    report = dsnparse.parse(path.read_bytes(), headers=["X-Campaign", "Received"])
    VALIDATOR.validate(json.loads(json_line(report_row(str(path), 0, report))))


@pytest.mark.corpus
def test_every_corpus_line_fits_the_schema(corpus: Path) -> None:
    for path in (path for path in corpus.rglob("mails/**/*") if path.is_file()):
        VALIDATOR.validate(json.loads(json_line(report_row(str(path), 0, dsnparse.parse(path.read_bytes())))))


@pytest.mark.parametrize(
    "broken",
    [{"kind": "failed"}, {"more": 1}, {"recipients": [{"address": "a@example.org"}]}, {"schema": 2}, {"index": None}],
)
def test_the_schema_refuses_what_is_no_schema_1(broken: dict[str, object]) -> None:
    row = report_row("a", 0, Report()) | broken
    assert not VALIDATOR.is_valid(row)


def test_keys_stand_in_the_documented_order() -> None:
    row = json.loads(json_line(report_row("a", 3, dsnparse.parse(bounce("alice@example.org")))))
    assert " ".join(row) == (
        "schema source index kind format message_id date subject from reporting_mta envelope_id "
        "feedback_type disposition defects original recipients"
    )
    assert " ".join(row["original"]) == "message_id from to subject date list_id headers"
    assert " ".join(row["recipients"][0]) == (
        "address original_address action status reported_status reply_status reply_code diagnostic_type diagnostic "
        "remote_mta stage will_retry_until bounce_type reason about permanent confidence rule evidence retry "
        "address_advice extra"
    )
    assert " ".join(row["recipients"][0]["retry"]) == "advice after_seconds give_up_after_seconds"
    assert " ".join(row["recipients"][0]["address_advice"]) == "advice after_seconds"
    assert (row["schema"], row["source"], row["index"], row["kind"]) == (1, "a", 3, "bounce")


def test_every_key_is_there_when_nothing_is_known() -> None:
    row = report_row("a", 0, Report(recipients=(Recipient(),)))
    VALIDATOR.validate(row)
    assert row["original"]["headers"] == {}
    assert row["recipients"][0]["retry"] is None


def test_a_date_keeps_its_zone() -> None:
    date = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    row = report_row("a", 0, Report(date=date, original=Original(date=date.astimezone(UTC))))
    assert (row["date"], row["original"]["date"]) == ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05+00:00")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("new/a\nb", "new/a\nb"),
        ("new/\udcff\x1b", "new/\\xff\x1b"),
        ("new/\N{LATIN SMALL LETTER U WITH DIAERESIS}", "new/\N{LATIN SMALL LETTER U WITH DIAERESIS}"),
    ],
)
def test_a_files_name_never_breaks_a_line(name: str, shown: str) -> None:
    line = json_line(report_row(name, 0, Report()))
    assert line.count("\n") == 1
    assert line.isascii()
    assert json.loads(line)["source"] == shown


def test_half_a_surrogate_pair_is_no_text_and_a_whole_one_is() -> None:
    report = Report(subject="a\ud800b \N{GRINNING FACE}", defects=(Defect(code="x", detail="\udc00"),))
    row = json.loads(json_line(report_row("a", 0, report)))
    assert row["subject"] == "a\N{REPLACEMENT CHARACTER}b \N{GRINNING FACE}"
    assert row["defects"][0]["detail"] == "\N{REPLACEMENT CHARACTER}"


ODD = Report(
    subject='"quoted" \\ \x00\x7f\u2028 \\ud800',
    defects=(Defect(code="a"), Defect(code="b", detail="\n")),
    original=Original(headers={"x-a": ("1", "2"), "x-b": ()}),
    recipients=(
        Recipient(extra={"%s": "%d {}", "\xe9": "\ud83d\ude00"}),
        Recipient(verdict=Verdict(permanent=False, retry=Retry(advice=RetryAdvice.RETRY, after_seconds=1))),
    ),
)


@pytest.mark.parametrize(
    ("source", "report"),
    [
        *((path.name, dsnparse.parse(path.read_bytes(), headers=("received", "subject"))) for path in MAILS),
        ("odd", ODD),
        ("half", Report(subject="a\ud800b", recipients=(Recipient(diagnostic="\udfff"),))),
        ("\udcff%s", Report()),
    ],
)
def test_a_line_written_at_once_is_the_line_of_the_object(source: str, report: Report) -> None:
    assert report_line(source, 3, report) == json_line(report_row(source, 3, report))


def rows(report: Report) -> list[dict[str, str]]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(csv_rows("a", 0, report))
    return list(csv.DictReader(io.StringIO(text.getvalue())))


def test_csv_has_a_row_for_each_recipient_and_one_for_a_mail_that_names_none() -> None:
    two = Report(kind=Kind.BOUNCE, recipients=(Recipient(address="a@example.org"), Recipient(address="b@example.org")))
    assert [row["address"] for row in rows(two)] == ["a@example.org", "b@example.org"]
    assert [(row["kind"], row["address"]) for row in rows(Report())] == [("other", "")]


def test_csv_cells_say_what_the_json_says() -> None:
    verdict = Verdict(reason=Reason.USER_UNKNOWN, permanent=True, retry=Retry(advice=RetryAdvice.STOP))
    recipient = Recipient(address="a@example.org", status="5.1.1", verdict=verdict)
    (row,) = rows(Report(subject="Hello", original=Original(message_id="1@example.org"), recipients=(recipient,)))
    picked = ("subject", "status", "reason", "permanent", "retry", "address_advice", "original_message_id")
    assert [row[name] for name in picked] == ["Hello", "5.1.1", "user_unknown", "true", "stop", "", "1@example.org"]


@pytest.mark.parametrize(
    ("subject", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\\t=1"),
        ("\r=1", "'\\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("a\x1b[31m\u202eb", "a\\x1b[31m\\u202eb"),
        ("one\ntwo", "one\\ntwo"),
    ],
)
def test_a_csv_cell_is_neither_a_formula_nor_an_escape(subject: str, cell: str) -> None:
    assert rows(Report(subject=subject))[0]["subject"] == cell

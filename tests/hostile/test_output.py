"""Nothing in a mail drives a terminal, breaks a line, starts a formula, or makes JSON that strict readers refuse."""

from __future__ import annotations

import csv
import io
import json
import logging
import unicodedata
from typing import TYPE_CHECKING

import pytest

from dsnparse import parse
from dsnparse.cli.group import start
from dsnparse.cli.lines import report_line
from dsnparse.cli.rows import CSV_COLUMNS, csv_rows
from dsnparse.text.cells import guard

if TYPE_CHECKING:
    from pathlib import Path

EVIL = {
    "terminal escapes": "\x1b[2J\x1b]0;title\x07\x1b[31m",
    "eight-bit terminal escapes": "\x9b2J\x90",
    "bidi overrides": "\u202egro.elpmaxe\u202c \u2066a\u2069 \u200f",
    "line breaks": "a\x0bb\x0cc\x85d\u2028e\u2029f",
    "backspaces and bells": "a\b\b\b\x07\x00\x7f",
    "nothing to see": "\u200b\u2060\ufeff\U000e0041",
    "halves of surrogate pairs": "\ud800\udfff\udc80",
    "formulas": "=cmd|' /C calc'!A0",
    "formulas in full width": "\uff1d1+1",
    "quotes": '","=1+1',
}
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")

MAIL = """From: {0} <MAILER-DAEMON@example.org>
Message-ID: <{0}@example.org>
Subject: {0}
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{0}
--b
Content-Type: message/global-delivery-status

Reporting-MTA: dns; {0}
Original-Envelope-Id: {0}

Original-Recipient: rfc822; {0}@example.org
Final-Recipient: utf-8; {0}@example.net
Action: failed
Status: 5.1.1 ({0})
Remote-MTA: dns; {0}
Diagnostic-Code: smtp; 550 5.1.1 {0} User unknown
X-{0}: {0}

--b
Content-Type: message/global-headers

Subject: {0}
To: {0}
Message-ID: <{0}>
List-Id: <{0}>

--b--
"""

evil = pytest.mark.parametrize("text", EVIL.values(), ids=EVIL.keys())


def mail(text: str) -> bytes:
    return MAIL.replace("{0}", text).encode("utf-8", "surrogatepass")


def assert_harmless(line: str) -> None:
    """State that a line has no character by which a terminal or a reader is led astray."""
    bad = [letter for letter in line if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert not bad


@pytest.fixture
def path(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    file = tmp_path / "mail.eml"
    file.write_bytes(mail(request.getfixturevalue("text")))
    return str(file)


def output(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = start(words)
    shown, told = capsys.readouterr()
    assert_lines(told)
    return code, shown


def assert_lines(text: str) -> None:
    for line in text.split("\n"):
        assert_harmless(line)


@evil
def test_the_mail_is_read_so_that_there_is_something_to_show(text: str) -> None:
    report = parse(mail(text))
    assert report.kind == "bounce"
    assert len(report.recipients) == 1


@evil
def test_a_table_is_harmless_and_has_one_line_for_a_recipient(
    text: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert text
    code, shown = output(capsys, "parse", path)
    assert code == 0
    assert_lines(shown)
    assert len(shown.splitlines()) == 2


@evil
def test_an_explanation_is_harmless(text: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert text
    _, shown = output(capsys, "explain", path)
    assert_lines(shown)


@evil
def test_json_is_one_line_of_ascii_that_strict_readers_take(
    text: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert text
    _, shown = output(capsys, "parse", "--json", path)
    assert shown.isascii()
    assert shown.count("\n") == 1
    json.dumps(json.loads(shown), ensure_ascii=False).encode("utf-8")


@evil
def test_csv_has_no_formula_no_escape_and_no_line_too_many(
    text: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert text
    _, shown = output(capsys, "parse", "--csv", path)
    assert_lines(shown)
    assert len(shown.splitlines()) == 2
    rows = list(csv.reader(io.StringIO(shown), strict=True))
    assert [len(row) for row in rows] == [len(CSV_COLUMNS)] * 2
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULAS)]


@pytest.mark.parametrize("opener", FORMULAS)
def test_every_sign_that_opens_a_formula_is_guarded_and_only_at_the_start(opener: str) -> None:
    assert guard(f"{opener}1") == "'"
    assert guard(f"1{opener}") == ""


def test_raw_cells_have_no_apostrophe_and_no_escape_either() -> None:
    report = parse(mail("=1\x1b"))
    (row,) = csv_rows("a", 0, report, guarded=False)
    cells = dict(zip(CSV_COLUMNS, row, strict=True))
    assert cells["subject"] == "=1\\x1b"
    (row,) = csv_rows("a", 0, report)
    assert dict(zip(CSV_COLUMNS, row, strict=True))["subject"] == "'=1\\x1b"


def test_raw_cells_without_csv_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(b"Subject: a\n\n")
    assert start(("parse", "--raw-cells", str(file))) == 2
    assert "--raw-cells goes with --csv" in capsys.readouterr().err


def test_a_surrogate_pair_that_is_whole_stays_a_character() -> None:
    row = json.loads(report_line("a", 0, parse(mail("\U0001f4a9"))))
    assert "\U0001f4a9" in row["subject"]


@evil
def test_a_files_name_is_harmless_too(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = text.replace("/", "").replace("\x00", "").encode("utf-8", "ignore").decode() or "x"
    (tmp_path / name).write_bytes(b"From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n<a@example.org>: no\n")
    for form in ((), ("--csv",), ("--json",)):
        _, shown = output(capsys, "parse", *form, str(tmp_path))
        assert_lines(shown)


def test_no_address_is_logged_whatever_the_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run logs what it could not do, never whom a mail named; stderr has what is logged."""
    folder = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1").write_bytes(mail("alice"))
    logger = logging.getLogger("dsnparse")
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    logger._cache.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - what it remembers of the level
    ledger = str(tmp_path / "ledger.sqlite3")
    assert start(("run", "--ledger", ledger, str(folder))) in {0, 1}
    shown, logged = capsys.readouterr()
    assert "alice@example.org" in shown
    logger.info("level")
    assert capsys.readouterr().err == "dsnparse: level\n"  # it would have been seen
    assert "alice" not in logged


def test_nothing_is_logged_by_the_core(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for text in EVIL.values():
        parse(mail(text))
    assert not caplog.records

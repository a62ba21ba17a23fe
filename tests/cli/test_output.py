from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alice@example.org", "alice@example.org"),
        ("B\N{LATIN SMALL LETTER U WITH DIAERESIS}cher \N{CJK UNIFIED IDEOGRAPH-65E5}", "B\xfccher \u65e5"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nb\tc\x00\x7f", "a\\r\\nb\\tc\\x00\\x7f"),
        ("\u202egro.elpmaxe", "\\u202egro.elpmaxe"),
        ("\u2066a\u2069\u200f\ufeff\u2028", "\\u2066a\\u2069\\u200f\\ufeff\\u2028"),
        ("\udcff\U000e0041", "\\udcff\\U000e0041"),
    ],
)
def test_what_could_drive_a_terminal_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Make each look at the clock take the next of these, then stay at the last."""
    times: list[float] = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: times.pop(0) if len(times) > 1 else times[0])
    return times


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, quiet: bool = False) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    assert list(Progress(quiet=quiet).count("abcd")) == list("abcd")
    return stream.getvalue()


def test_progress_is_shown_after_a_second_and_taken_away(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    clock[:] = [0.0, 0.9, 1.0, 1.1, 1.3]
    assert shown(monkeypatch, Terminal()) == "\r2 mails read\r4 mails read\r\x1b[K"


def test_nothing_is_shown_within_a_second(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    clock[:] = [0.0, 0.9]
    assert shown(monkeypatch, Terminal()) == ""


def test_nothing_is_shown_without_a_terminal_or_when_quiet(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    clock[:] = [0.0, 9.0]
    assert shown(monkeypatch, io.StringIO()) == ""
    clock[:] = [0.0, 9.0]
    assert shown(monkeypatch, Terminal(), quiet=True) == ""


def table(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, rows: Sequence[Sequence[str | None]]) -> str:
    monkeypatch.setattr(sys, "stdout", stream)
    made = Table(Output(Progress(quiet=True)), ("address", "type"))
    for row in rows:
        made.row(row)
    made.flush()
    return stream.getvalue()


def test_a_table_in_a_pipe_is_plain_text_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert table(monkeypatch, io.StringIO(), [("alice@example.org", "hard"), (None, "soft"), ("b\x1b", None)]) == (
        "address            type\nalice@example.org  hard\n-                  soft\nb\\x1b              -\n"
    )


def test_a_cell_in_a_pipe_is_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert table(monkeypatch, io.StringIO(), [("a" * 1000, "hard"), ("b", "soft")]).splitlines()[1:] == [
        "a" * 1000 + "  hard",
        "b".ljust(44) + "  soft",
    ]


def test_a_long_table_is_written_in_pieces_with_one_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = table(monkeypatch, io.StringIO(), [("alice@example.org", "hard")] * 1200).splitlines()
    assert len(lines) == 1201
    assert len(set(lines)) == 2


def test_no_row_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    assert table(monkeypatch, io.StringIO(), []) == ""

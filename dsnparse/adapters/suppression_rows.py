"""The layouts of a suppression file: which address a line is about, and the lines for new ones."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final, Protocol

from dsnparse.adapters.document import encodable
from dsnparse.text.cells import guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsnparse.model import Decision

__all__ = ["LAYOUTS", "Layout", "by_name", "layout"]

_COLUMNS: Final = ("address", "reason", "status", "since", "message_id")
_ADDRESS_COLUMNS: Final = ("address", "email", "recipient", "emailaddress")  # what other tools call it
_KEYS: Final = ("address", "email", "emailAddress")  # of JSON, likewise
LAYOUTS: Final = ("plain", "csv", "jsonl", "ses", "sendgrid", "postmark")
_BY_ENDING: Final = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Layout(Protocol):
    """One layout."""

    def read(self, text: str) -> list[tuple[str, str]]:
        """Return the file in pieces, each with the address in lower case that it is about, else with nothing.

        A piece is one line or more, with its line ends.  Raises ValueError or csv.Error for what is none of it.
        """

    def rows(self, decisions: Sequence[Decision], text: str) -> str:
        """Return the lines for new addresses behind a file that has this text."""


def by_name(path: str) -> str:
    """Return the layout that a file's name asks for."""
    return next((name for ending, name in _BY_ENDING.items() if path.lower().endswith(ending)), "plain")


def layout(name: str, *, formula_guard: bool = True) -> Layout:
    """Return the layout of this name.

    formula_guard: whether an apostrophe stands in front of what a spreadsheet would take for a formula.
    """
    if name == "csv":
        return _Table(_COLUMNS, guarded=formula_guard)
    if name == "sendgrid":
        return _Table(("email",), guarded=formula_guard)
    if name == "postmark":
        return _Table(("EmailAddress",), guarded=formula_guard)
    if name == "jsonl":
        return _JsonLines()
    return _Ses() if name == "ses" else _Plain()


class _Plain:
    """One address a line."""

    def read(self, text: str) -> list[tuple[str, str]]:
        return [(line, line.strip().lower()) for line in _lines(text)]

    def rows(self, decisions: Sequence[Decision], text: str) -> str:
        del text
        return "".join(f"{decision.address}\n" for decision in decisions)


class _Table:
    """CSV whose first line names the columns; those of a file that is there are kept to."""

    def __init__(self, columns: Sequence[str], *, guarded: bool) -> None:
        self._columns = tuple(columns)
        self._guarded = guarded

    def read(self, text: str) -> list[tuple[str, str]]:
        lines = _lines(text)
        rows = csv.reader(lines, strict=True)
        names = _names(next(rows, []) or self._columns)
        column = next((names.index(name) for name in _ADDRESS_COLUMNS if name in names), None)
        if column is None:
            problem = "the first line names no column 'address'"
            raise ValueError(problem)
        head = "".join(lines[: rows.line_num])
        return ([(head, "")] if head else []) + _pieces(lines, rows, column, rows.line_num)

    def rows(self, decisions: Sequence[Decision], text: str) -> str:
        header = next(csv.reader(_lines(text), strict=True), []) or self._columns
        written = io.StringIO(newline="")
        writer = csv.writer(written, lineterminator="\n")
        if not text:
            writer.writerow(self._columns)
        for decision in decisions:
            event = decision.event
            cells = {
                "reason": event.reason or "",
                "status": event.status or "",
                "since": event.at.isoformat(),
                "message_id": self._cell(event.original),
            } | dict.fromkeys(_ADDRESS_COLUMNS, decision.address)
            writer.writerow([cells.get(name, "") for name in _names(header)])
        return written.getvalue()

    def _cell(self, text: str) -> str:
        """Return words of a mail without line ends and other controls, and never as a formula."""
        text = "".join(letter if letter.isprintable() else " " for letter in text)
        return (guard(text) if self._guarded else "") + text


class _Ses:
    """Amazon SES, bulk import into the suppression list of an account: address and BOUNCE or COMPLAINT, no header."""

    def read(self, text: str) -> list[tuple[str, str]]:
        lines = _lines(text)
        return _pieces(lines, csv.reader(lines, strict=True), 0, 0)

    def rows(self, decisions: Sequence[Decision], text: str) -> str:
        del text
        return "".join(
            f"{decision.address},{'COMPLAINT' if decision.event.feedback_type else 'BOUNCE'}\n"
            for decision in decisions
        )


class _JsonLines:
    """One JSON object a line."""

    def read(self, text: str) -> list[tuple[str, str]]:
        return [(line, _address(line)) for line in _lines(text)]

    def rows(self, decisions: Sequence[Decision], text: str) -> str:
        del text
        return "".join(f"{json.dumps(_object(decision))}\n" for decision in decisions)


def _object(decision: Decision) -> dict[str, str | None]:
    event = decision.event
    return {
        "address": decision.address,
        "list": encodable(decision.list),
        "reason": event.reason or encodable(event.feedback_type),
        "status": encodable(event.status),
        "since": event.at.isoformat(),
        "message_id": encodable(event.original),
        "why": encodable(decision.why),
    }


def _address(line: str) -> str:
    """Return the address of a line of JSON; a line of whatever else stays as it is."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    address = next((value[key] for key in _KEYS if isinstance(value.get(key), str)), "")
    return str(address).strip().lower()


def _lines(text: str) -> list[str]:
    """Return lines with their ends; a form feed or U+2028 within one ends none, as in every reader of CSV and JSON."""
    return list(io.StringIO(text, newline=""))


def _names(header: Iterable[str]) -> list[str]:
    return [name.strip().lower() for name in header]


def _pieces(lines: Sequence[str], rows: Iterable[list[str]], column: int, at: int) -> list[tuple[str, str]]:
    """Return the rows of CSV as they stand; a row may be several lines."""
    pieces = []
    for row in rows:
        end = getattr(rows, "line_num", at)
        pieces.append(("".join(lines[at:end]), row[column].strip().lower() if len(row) > column else ""))
        at = end
    return pieces

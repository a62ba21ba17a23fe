"""A report as schema 1: the JSON object of `dsnparse parse --json`, and the same as CSV cells.

`dsnparse/report.schema.json` describes the object.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from dsnparse.cli.output import printable
from dsnparse.text.cells import guard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dsnparse.model import AddressAdvice, Original, Recipient, Report, Retry

    _Value = str | int | None
    Values = tuple[_Value, ...]

__all__ = [
    "CSV_COLUMNS",
    "MAIL_KEYS",
    "ORIGINAL_KEYS",
    "RECIPIENT_KEYS",
    "advice_row",
    "csv_rows",
    "halved",
    "json_line",
    "mail_values",
    "original_values",
    "recipient_row",
    "recipient_values",
    "report_row",
    "retry_row",
]

SCHEMA: Final = 1

_MAIL_COLUMNS: Final = ("source", "index", "kind", "format", "message_id", "date", "subject", "from", "reporting_mta")
_ORIGINAL_COLUMNS: Final = ("message_id", "to", "subject", "date", "list_id")
_RECIPIENT_COLUMNS: Final = (
    *("address", "original_address", "action", "status", "reported_status", "reply_status", "reply_code"),
    *("diagnostic", "remote_mta", "bounce_type", "reason", "about", "permanent", "confidence", "rule"),
)
CSV_COLUMNS: Final = (
    *_MAIL_COLUMNS,
    *_RECIPIENT_COLUMNS,
    *("retry", "address_advice"),
    *(f"original_{name}" if name != "message_id" else "original_message_id" for name in _ORIGINAL_COLUMNS),
)

# The keys of the objects in their order; `mail_values`, `original_values` and `recipient_values` give the values.
MAIL_KEYS: Final = (
    *("schema", "source", "index", "kind", "format", "message_id", "date", "subject", "from", "reporting_mta"),
    *("envelope_id", "feedback_type", "disposition"),
)
ORIGINAL_KEYS: Final = ("message_id", "from", "to", "subject", "date", "list_id")
RECIPIENT_KEYS: Final = (
    *("address", "original_address", "action", "status", "reported_status", "reply_status", "reply_code"),
    *("diagnostic_type", "diagnostic", "remote_mta", "stage", "will_retry_until", "bounce_type", "reason", "about"),
    *("permanent", "confidence", "rule", "evidence"),
)


def mail_values(source: str, index: int, report: Report) -> Values:
    """Return what the keys of a mail have for values."""
    return (
        SCHEMA,
        source if source.isascii() else os.fsencode(source).decode("utf-8", "backslashreplace"),
        index,
        report.kind,
        report.format,
        report.message_id,
        _time(report.date),
        report.subject,
        report.from_,
        report.reporting_mta,
        report.envelope_id,
        report.feedback_type,
        report.disposition,
    )


def original_values(original: Original) -> Values:
    """Return what the keys of the original mail have for values."""
    date = _time(original.date)
    return (original.message_id, original.from_, original.to, original.subject, date, original.list_id)


def recipient_values(recipient: Recipient) -> Values:
    """Return what the keys of a recipient have for values."""
    verdict = recipient.verdict
    return (
        recipient.address,
        recipient.original_address,
        recipient.action,
        recipient.status,
        recipient.reported_status,
        recipient.reply_status,
        recipient.reply_code,
        recipient.diagnostic_type,
        recipient.diagnostic,
        recipient.remote_mta,
        recipient.stage,
        _time(recipient.will_retry_until),
        verdict.bounce_type,
        verdict.reason,
        verdict.about,
        verdict.permanent,
        verdict.confidence,
        verdict.rule,
        verdict.evidence,
    )


def report_row(source: str, index: int, report: Report) -> dict[str, Any]:
    """Return the object of one mail; every key is there, None where the mail does not say."""
    original = report.original
    return {
        **dict(zip(MAIL_KEYS, mail_values(source, index, report), strict=True)),
        "defects": [{"code": defect.code, "detail": defect.detail} for defect in report.defects],
        "original": {
            **dict(zip(ORIGINAL_KEYS, original_values(original), strict=True)),
            "headers": dict(original.headers),
        },
        "recipients": [recipient_row(recipient) for recipient in report.recipients],
    }


def recipient_row(recipient: Recipient) -> dict[str, Any]:
    """Return the object of one recipient."""
    verdict = recipient.verdict
    return {
        **dict(zip(RECIPIENT_KEYS, recipient_values(recipient), strict=True)),
        "retry": verdict.retry and retry_row(verdict.retry),
        "address_advice": verdict.address_advice and advice_row(verdict.address_advice),
        "extra": dict(recipient.extra),
    }


def retry_row(retry: Retry) -> dict[str, Any]:
    """Return the object of the advice on trying again."""
    return {
        "advice": retry.advice,
        "after_seconds": retry.after_seconds,
        "give_up_after_seconds": retry.give_up_after_seconds,
    }


def advice_row(advice: AddressAdvice) -> dict[str, Any]:
    """Return the object of the advice on the address."""
    return {"advice": advice.advice, "after_seconds": advice.after_seconds}


def json_line(row: dict[str, Any]) -> str:
    """Return one line of JSON, in ASCII: no terminal and no line-based tool is in danger of it."""
    line = json.dumps(row)
    if halved(line):  # half of a surrogate pair is no text, and strict readers refuse it
        line = json.dumps(_whole(row))
    return line + "\n"


def halved(line: str) -> bool:
    """Tell whether a line may hold half of a surrogate pair."""
    return "\\" in line and "\\ud" in line  # the first alone takes a tenth of the time


def csv_rows(source: str, index: int, report: Report, *, guarded: bool = True) -> Iterator[list[str]]:
    """Return a row for each recipient; one for a mail that names none.

    guarded: whether an apostrophe stands in front of what a spreadsheet would take for a formula.
    """
    row = report_row(source, index, report)
    cell = _cell if guarded else _raw_cell
    mail = [cell(row[name]) for name in _MAIL_COLUMNS]
    original = [cell(row["original"][name]) for name in _ORIGINAL_COLUMNS]
    for recipient in row["recipients"] or [{}]:
        yield [
            *mail,
            *(cell(recipient.get(name)) for name in _RECIPIENT_COLUMNS),
            *(cell((recipient.get(name) or {}).get("advice")) for name in ("retry", "address_advice")),
            *original,
        ]


def _cell(value: str | int | None) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands in front of what it might."""
    return guard(value) + printable(value) if isinstance(value, str) else _raw_cell(value)


def _raw_cell(value: str | int | None) -> str:
    """Return a cell for a program."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return printable(str(value))


def _time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _whole(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(inner) for inner in value]
    return value

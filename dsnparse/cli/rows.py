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

    from dsnparse.model import Recipient, Report

__all__ = ["CSV_COLUMNS", "csv_rows", "json_line", "report_row"]

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


def report_row(source: str, index: int, report: Report) -> dict[str, Any]:
    """Return the object of one mail; every key is there, None where the mail does not say."""
    original = report.original
    return {
        "schema": SCHEMA,
        "source": os.fsencode(source).decode("utf-8", "backslashreplace"),
        "index": index,
        "kind": report.kind,
        "format": report.format,
        "message_id": report.message_id,
        "date": _time(report.date),
        "subject": report.subject,
        "from": report.from_,
        "reporting_mta": report.reporting_mta,
        "envelope_id": report.envelope_id,
        "feedback_type": report.feedback_type,
        "disposition": report.disposition,
        "defects": [{"code": defect.code, "detail": defect.detail} for defect in report.defects],
        "original": {
            "message_id": original.message_id,
            "from": original.from_,
            "to": original.to,
            "subject": original.subject,
            "date": _time(original.date),
            "list_id": original.list_id,
            "headers": dict(original.headers),
        },
        "recipients": [recipient_row(recipient) for recipient in report.recipients],
    }


def recipient_row(recipient: Recipient) -> dict[str, Any]:
    """Return the object of one recipient."""
    verdict = recipient.verdict
    retry, advice = verdict.retry, verdict.address_advice
    return {
        "address": recipient.address,
        "original_address": recipient.original_address,
        "action": recipient.action,
        "status": recipient.status,
        "reported_status": recipient.reported_status,
        "reply_status": recipient.reply_status,
        "reply_code": recipient.reply_code,
        "diagnostic_type": recipient.diagnostic_type,
        "diagnostic": recipient.diagnostic,
        "remote_mta": recipient.remote_mta,
        "stage": recipient.stage,
        "will_retry_until": _time(recipient.will_retry_until),
        "bounce_type": verdict.bounce_type,
        "reason": verdict.reason,
        "about": verdict.about,
        "permanent": verdict.permanent,
        "confidence": verdict.confidence,
        "rule": verdict.rule,
        "evidence": verdict.evidence,
        "retry": retry
        and {
            "advice": retry.advice,
            "after_seconds": retry.after_seconds,
            "give_up_after_seconds": retry.give_up_after_seconds,
        },
        "address_advice": advice and {"advice": advice.advice, "after_seconds": advice.after_seconds},
        "extra": dict(recipient.extra),
    }


def json_line(row: dict[str, Any]) -> str:
    """Return one line of JSON, in ASCII: no terminal and no line-based tool is in danger of it."""
    line = json.dumps(row)
    if "\\ud" in line:  # half of a surrogate pair is no text, and strict readers refuse it
        line = json.dumps(_whole(row))
    return line + "\n"


def csv_rows(source: str, index: int, report: Report) -> Iterator[list[str]]:
    """Return a row for each recipient; one for a mail that names none."""
    row = report_row(source, index, report)
    mail = [_cell(row[name]) for name in _MAIL_COLUMNS]
    original = [_cell(row["original"][name]) for name in _ORIGINAL_COLUMNS]
    for recipient in row["recipients"] or [{}]:
        yield [
            *mail,
            *(_cell(recipient.get(name)) for name in _RECIPIENT_COLUMNS),
            *(_cell((recipient.get(name) or {}).get("advice")) for name in ("retry", "address_advice")),
            *original,
        ]


def _cell(value: str | int | None) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands in front of what it might."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return guard(text) + printable(text)


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

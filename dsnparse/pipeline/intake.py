"""One mail: from its bytes to what the ledger is to hold of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dsnparse.adapters import checked
from dsnparse.ledger import MailRecord, State
from dsnparse.model import Action, Event, Kind
from dsnparse.reading import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Recipient, Report
    from dsnparse.sources import Found

__all__ = ["Reading", "read_mail"]

# A mail of which a part went over a limit was not read as a whole: somebody may be missing.
_CUT: Final = frozenset(
    {"message_too_large", "header_too_long", "nested_too_deep", "too_many_parts", "too_many_recipients"}
    | {"status_part_too_long"},
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as it was read, with what the ledger is to hold of it."""

    found: Found
    report: Report
    events: tuple[Event | None, ...]  # one for each recipient, None where nothing failed
    record: MailRecord
    note: str


def read_mail(found: Found, digest: bytes, now: datetime) -> Reading:
    """Read one mail; `now` dates what bears no time, and a file's time is never taken for later than that."""
    report = parse(found.raw)
    at = now if found.time is None else datetime.fromtimestamp(min(max(found.time, 0), now.timestamp()), UTC)
    events = tuple(_event(recipient, report, digest, at) for recipient in report.recipients)
    state, note = _state(report, events)
    record = MailRecord(
        digest=digest,
        state=state,
        kind=report.kind,
        source=found.source,
        events=tuple(event for event in events if event is not None),
    )
    return Reading(found, report, events, record, note)


def _failed(recipient: Recipient, report: Report) -> bool:
    return report.kind is Kind.BOUNCE and recipient.action in {Action.FAILED, None}


def _event(recipient: Recipient, report: Report, digest: bytes, at: datetime) -> Event | None:
    """Return the failure of a recipient; the subscriber is the address that we sent to, not a forwarding target."""
    address = checked(recipient.original_address) or checked(recipient.address)
    if address is None or not _failed(recipient, report):
        return None
    return Event(
        address=address,
        original=report.original.message_id or f"sha256:{digest.hex()}",
        at=at,
        final_address=_passed_on(address, checked(recipient.address)),
        bounce_type=recipient.verdict.bounce_type,
        reason=recipient.verdict.reason,
        status=recipient.status,
        reply_code=recipient.reply_code,
        diagnostic=recipient.diagnostic,
        remote_mta=recipient.remote_mta,
        reporting_mta=report.reporting_mta,
        rule=recipient.verdict.rule,
        evidence=recipient.verdict.evidence,
        list_id=report.original.list_id,
    )


def _passed_on(address: str, final: str | None) -> str | None:
    """Return who failed in place of the subscriber; a rewritten host behind the same local part is no other."""
    other = final is not None and final.rpartition("@")[0].lower() != address.rpartition("@")[0].lower()
    return final if other else None


def _state(report: Report, events: Sequence[Event | None]) -> tuple[State, str]:
    """Tell whether every recipient of a mail was judged, and if not, why."""
    codes = {defect.code for defect in report.defects}
    failures = [(r, event) for r, event in zip(report.recipients, events, strict=True) if _failed(r, report)]
    checks = (
        ("internal_error" in codes, State.NOT_UNDERSTOOD, "dsnparse failed on it"),
        (bool(codes & _CUT), State.NOT_UNDERSTOOD, f"read in part: {', '.join(sorted(codes & _CUT))}"),
        (report.kind is Kind.OTHER, State.PERSON, "no report"),
        ("report_forwarded" in codes, State.PERSON, "a report that somebody passed on"),
        (report.kind is Kind.FEEDBACK, State.PERSON, "a complaint"),
        (report.kind is Kind.BOUNCE and not failures, State.NOT_UNDERSTOOD, "names no recipient"),
        (any(event is None for _, event in failures), State.NOT_UNDERSTOOD, "names no usable address"),
        (
            any(recipient.verdict.bounce_type is None for recipient, _ in failures),
            State.NOT_UNDERSTOOD,
            "does not say why",
        ),
    )
    return next(((state, note) for met, state, note in checks if met), (State.JUDGED, ""))

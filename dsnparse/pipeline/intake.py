"""One mail: from its report to what the ledger is to hold of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dsnparse.adapters import checked
from dsnparse.ledger import MailRecord, State
from dsnparse.model import Action, Event, Kind, Recipient, Trust
from dsnparse.policy import organisation
from dsnparse.text.limits import REACHED
from dsnparse.trust import assess, envelope_recipient, received_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.config import Config
    from dsnparse.ledger import Ledger
    from dsnparse.model import Report
    from dsnparse.sources import Found
    from dsnparse.trust import Assessment

__all__ = ["HEADERS", "Intake", "Reading"]

HEADERS: Final = ("return-path",)  # of the returned mail: a complaint comes to another mailbox than a bounce

# Who says so wants no more mail; "opt-out" is in wide use, the others are those of RFC 5965 section 3.1.
_UNSUBSCRIBES: Final = frozenset({"abuse", "opt-out", "opt-out-list"})


# A mail of which a part went over a limit was not read as a whole: somebody may be missing.  Not so with a long field,
# a long header of the returned mail, or too many defects.
_CUT: Final = REACHED - frozenset(
    {"header_field_too_long", "returned_header_too_long", "status_field_too_long", "too_many_defects"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as it was read, with what the ledger is to hold of it."""

    found: Found
    report: Report
    recipients: tuple[Recipient, ...]  # as the report names them; one without a name where only our token tells
    events: tuple[Event | None, ...]  # one for each recipient, None where nothing failed
    record: MailRecord
    note: str


class Intake:
    """What is needed to take mails in: the settings, and what the ledger knows of what was sent."""

    def __init__(self, config: Config, ledger: Ledger, now: datetime) -> None:
        self._config, self._ledger, self._now = config, ledger, now
        self._list_ids = {each: one.name for one in config.lists for each in one.list_ids}
        self._trusting = not config.trust.keys and not ledger.has_sent()
        self._names = {one.name.lower(): one.name for one in config.lists}

    def take(self, found: Found, report: Report, digest: bytes) -> Reading:
        """Return what the ledger is to hold of a mail.

        A mail is dated by our own server's Received field, else by the file's time, and never later than now.
        """
        at = self._arrived(found)
        recipients = report.recipients or ((Recipient(),) if report.kind is Kind.FEEDBACK else ())
        relevant = [_failed(recipient, report) or _complains(report) for recipient in recipients]
        envelope, sent = None, []
        if any(relevant):
            envelope = envelope_recipient(found.raw, self._config.trust)
            sent = self._ledger.sent(report.original.message_id) if report.original.message_id else []
        events = tuple(
            self._event(
                recipient,
                report,
                digest,
                at,
                assess(recipient, report, envelope, sent, self._config.trust, at, by_key=self._ledger.sent_with),
            )
            if counts
            else None
            for recipient, counts in zip(recipients, relevant, strict=True)
        )
        state, note = _state(report, recipients, events)
        record = MailRecord(
            digest=digest,
            state=state,
            kind=report.kind,
            source=found.source,
            events=tuple(event for event in events if event is not None),
        )
        return Reading(found, report, recipients, events, record, note)

    def _arrived(self, found: Found) -> datetime:
        at = received_at(found.raw, self._config.trust.own_hosts) if self._config.trust.own_hosts else None
        if at is None and found.time is not None:
            at = datetime.fromtimestamp(min(max(found.time, 0), self._now.timestamp()), UTC)
        return self._now if at is None else min(at, self._now)

    def _event(
        self, recipient: Recipient, report: Report, digest: bytes, at: datetime, assessment: Assessment
    ) -> Event | None:
        """Return the failure of a recipient; the subscriber is the address that we sent to, not a forwarding target."""
        candidates = (assessment.address, recipient.original_address, recipient.address)
        address = next(filter(None, map(checked, candidates)), None)
        if address is None:
            return None
        # The token first: whoever has one genuine return path could make up any number of Message-IDs.
        original = assessment.stand_in or report.original.message_id or f"sha256:{digest.hex()}"
        complaint = report.feedback_type if report.kind is Kind.FEEDBACK else None
        return Event(
            address=address,
            list=self._list(assessment, report),
            original=f"{complaint}:{original}" if complaint else original,
            at=at,
            trust=assessment.trust,
            final_address=_passed_on(address, checked(recipient.address) or assessment.final_address),
            bounce_type=recipient.verdict.bounce_type,
            reason=recipient.verdict.reason,
            status=recipient.status,
            reply_code=recipient.reply_code,
            diagnostic=recipient.diagnostic,
            remote_mta=recipient.remote_mta,
            reporting_mta=report.reporting_mta,
            rule=recipient.verdict.rule,
            evidence=recipient.verdict.evidence,
            feedback_type=complaint,
        )

    def _list(self, assessment: Assessment, report: Report) -> str:
        """Return the list by its name; with no list set up, all is one list without a name (List-Id: RFC 2919)."""
        if assessment.list:
            return self._names.get(assessment.list.lower(), assessment.list)
        list_id = (report.original.list_id or "").lower()
        if not list_id and len(self._config.lists) == 1 and (self._trusting or assessment.trust is not Trust.NONE):
            return self._config.lists[0].name  # many systems return no header; a forged report must not count with them
        return self._list_ids.get(list_id, "")


def _failed(recipient: Recipient, report: Report) -> bool:
    return report.kind is Kind.BOUNCE and recipient.action in {Action.FAILED, None}


def _complains(report: Report) -> bool:
    return report.kind is Kind.FEEDBACK and report.feedback_type in _UNSUBSCRIBES


def _passed_on(address: str, final: str | None) -> str | None:
    """Return who failed in place of the subscriber; a rewritten host of the same organisation is no other."""
    if final is None:
        return None
    (local, _, domain), (other, _, host) = (one.lower().rpartition("@") for one in (address, final))
    same = local == other and (domain == host or organisation(domain) == organisation(host))
    return None if same else final


def _state(report: Report, recipients: Sequence[Recipient], events: Sequence[Event | None]) -> tuple[State, str]:
    """Tell whether every recipient of a mail was judged, and if not, why."""
    codes = {defect.code for defect in report.defects}
    failures = [(r, event) for r, event in zip(recipients, events, strict=True) if _failed(r, report)]
    complained = _complains(report) and all(event is not None for event in events)
    checks = (
        ("internal_error" in codes, State.NOT_UNDERSTOOD, "dsnparse failed on it"),
        (bool(codes & _CUT), State.NOT_UNDERSTOOD, f"read in part: {', '.join(sorted(codes & _CUT))}"),
        (report.kind is Kind.OTHER, State.PERSON, "no report"),
        ("report_forwarded" in codes, State.PERSON, "a report that somebody passed on"),
        (report.kind is Kind.FEEDBACK and not complained, State.PERSON, "a complaint"),
        (report.kind is Kind.BOUNCE and not failures, State.NOT_UNDERSTOOD, "names no recipient"),
        (any(event is None for _, event in failures), State.NOT_UNDERSTOOD, "names no usable address"),
        (
            any(recipient.verdict.bounce_type is None for recipient, _ in failures),
            State.NOT_UNDERSTOOD,
            "does not say why",
        ),
    )
    return next(((state, note) for met, state, note in checks if met), (State.JUDGED, ""))

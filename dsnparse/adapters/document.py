"""A decision as JSON: what the webhook sends and a command of the owner's reads.  docs/adapters.md tells its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from dsnparse.model import Decision

__all__ = ["SCHEMA", "document", "encodable"]

SCHEMA: Final = 1
_MAX_WORDS: Final = 2000  # characters of one text out of a mail


def document(decision: Decision) -> dict[str, object]:
    """Return a decision as what json.dumps takes: every key is always there, None where nothing is known."""
    event = decision.event
    failure = {
        "original": event.original,
        "at": _iso(event.at),
        "trust": event.trust,
        "final_address": event.final_address,
        "bounce_type": event.bounce_type,
        "reason": event.reason,
        "status": event.status,
        "reply_code": event.reply_code,
        "diagnostic": event.diagnostic,
        "remote_mta": event.remote_mta,
        "reporting_mta": event.reporting_mta,
        "rule": event.rule,
        "feedback_type": event.feedback_type,
    }
    return {
        "schema": SCHEMA,
        "id": decision.id,
        "event": decision.wanted,
        "address": decision.address,
        "list": encodable(decision.list),
        "until": _iso(decision.until),
        "why": encodable(decision.why),
        "failure": {key: encodable(value) for key, value in failure.items()},
    }


def encodable(words: str | None) -> str | None:
    """Return words of a mail without lone surrogates, which UTF-8 cannot hold, and not endless."""
    return None if words is None else str(words)[:_MAX_WORDS].encode("utf-8", "replace").decode()


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()

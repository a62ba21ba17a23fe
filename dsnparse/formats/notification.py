"""Amazon SES notifications that Amazon SNS sends by mail: JSON in the text, or JSON inside SNS's own JSON.

Source: Amazon SES developer guide, "Amazon SNS notification contents" and "event publishing": notificationType or
eventType, bounce.bouncedRecipients, complaint.complainedRecipients, delivery.recipients.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from dsnparse.formats.blocks import Found
from dsnparse.model import Action
from dsnparse.reports.groups import typed
from dsnparse.text.limits import MAX_JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

# SNS folds long lines with an exclamation mark, as sendmail's default mailer does for lines over its limit.
_FOLDED: Final = re.compile(r"!?\n[ \t]?")


def read(notice: Notice) -> Iterator[Found]:
    """Yield the bounced or delivered recipients; none for a complaint."""
    event = _event(notice.text)
    if not event and len(notice.text) > MAX_JSON:
        notice.message.reached("text_too_long", f"JSON over {MAX_JSON} characters")
    bounce = event.get("bounce")
    delivery = event.get("delivery")
    if isinstance(bounce, dict):
        for item in _list(bounce, "bouncedRecipients"):
            if isinstance(item, dict) and isinstance(item.get("emailAddress"), str):
                yield _bounced(item, bounce)
    elif isinstance(delivery, dict):
        for address in _list(delivery, "recipients"):
            if isinstance(address, str):
                yield Found(address=address, text=str(delivery.get("smtpResponse", "")), action=Action.DELIVERED)


def _bounced(item: dict[str, Any], bounce: dict[str, Any]) -> Found:
    text = item.get("diagnosticCode")
    status = item.get("status")
    known = {"delayed": Action.DELAYED, "delivered": Action.DELIVERED}
    words = f"{bounce.get('bounceType', '')} {bounce.get('bounceSubType', '')}".strip()
    return Found(
        address=item["emailAddress"],
        text=typed(text)[1] if isinstance(text, str) else words,
        status=status if isinstance(status, str) and status.count(".") == 2 else None,  # noqa: PLR2004 - RFC 3463
        action=known.get(str(item.get("action")), Action.FAILED),
    )


def _list(event: dict[str, Any], name: str) -> list[Any]:
    value = event.get(name)
    return value if isinstance(value, list) else []


def _event(text: str) -> dict[str, Any]:
    """Return the event, taken out of SNS's envelope where it has one; empty when there is no JSON."""
    start = text.find("{")
    if start < 0:
        return {}
    joined = _FOLDED.sub("", text[start : start + MAX_JSON])
    for _ in range(2):
        try:
            found, _end = json.JSONDecoder().raw_decode(joined)
        except (ValueError, RecursionError):
            return {}
        if isinstance(found, dict) and isinstance(found.get("Message"), str):
            joined = found["Message"]
        else:
            break
    return found if isinstance(found, dict) else {}

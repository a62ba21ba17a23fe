"""Complaints in the Abuse Reporting Format: RFC 5965, and the authentication failure reports of RFC 6591."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dsnparse.message import RETURNED
from dsnparse.model import Block, Defect, Fields, Kind
from dsnparse.reports.groups import part_text, read_groups
from dsnparse.text.addresses import bare

if TYPE_CHECKING:
    from dsnparse.message import Message

__all__ = ["read"]


def read(message: Message) -> Fields | None:
    """Read a feedback report; its blocks name the complaining recipients, without action.

    Feedback-Type is lower-cased (RFC 5965 section 3.1, RFC 6591 section 3.1: abuse, fraud, virus, other, not-spam,
    auth-failure; opt-out is in wide use).
    """
    part = message.first("message/feedback-report")
    if part is None:
        if message.params.get("report-type", "").lower() != "feedback-report":
            return None
        part = next((p for p in message.parts if p.content_type not in RETURNED and b"eedback-" in p.decoded()), None)
    defects: list[Defect] = []
    groups = read_groups(part_text(part, defects), defects, message.limits) if part else []
    extra: dict[str, str] = {}
    people: dict[str, None] = {}
    most = message.limits.recipients
    for name, value in (field for group in groups for field in group):
        if name in {"original-rcpt-to", "removal-recipient"}:
            people[bare(value)] = None
        else:
            extra.setdefault(name, value)
    if len(people) > most:
        defects.append(Defect(code="too_many_recipients", detail=f"over {most}"))
    if not extra and message.content_type != "multipart/report":
        return None
    return Fields(
        format="arf",
        kind=Kind.FEEDBACK,
        blocks=tuple(Block(address=address) for address in islice(filter(None, people), most)),
        reporting_mta=extra.pop("reporting-mta", "").partition(";")[2].strip() or None,
        envelope_id=extra.pop("original-envelope-id", None),
        feedback_type=extra.pop("feedback-type", "").strip().lower() or None,
        extra=extra,
        defects=tuple(defects),
    )

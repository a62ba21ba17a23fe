"""Receipts: message disposition notifications of RFC 8098.  They name a Final-Recipient, and nobody failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dsnparse.model import Action, Block, Confidence, Defect, Fields, Kind
from dsnparse.reports.groups import part_text, read_groups, typed
from dsnparse.text.addresses import bare
from dsnparse.text.decode import one_line

if TYPE_CHECKING:
    from dsnparse.message import Message

__all__ = ["read"]


# What stands in front of the reason in the text of such a refusal: Dovecot's and Pigeonhole's default wording.
_REJECTED = re.compile(r"was automatically rejected:?\s")


def _refusal(message: Message, address: str | None) -> Fields | None:
    """Read a refusal in the form of a receipt, as RFC 5429 section 2.2 allows it: Dovecot at quota, Sieve's reject.

    The header says `Auto-Submitted: auto-replied (rejected)`, the machine part only that the mail was deleted.
    """
    if "(rejected)" not in (message.header.get("auto-submitted") or "").lower():
        return None
    text = message.notice
    at = _REJECTED.search(text)
    reason = one_line(text[at.end() :] if at else text)[: message.limits.status_field]
    block = Block(address=address, action=Action.FAILED, diagnostic=reason or None, confidence=Confidence.MEDIUM)
    return Fields(format="mdn-reject", blocks=(block,))


def read(message: Message) -> Fields | None:
    """Read a disposition notification; `disposition` is its type: displayed, deleted, dispatched, processed, ..."""
    part = message.first("message/disposition-notification")
    if part is None and message.params.get("report-type", "").lower() != "disposition-notification":
        return None
    defects: list[Defect] = []
    extra: dict[str, str] = {}
    for group in read_groups(part_text(part, defects), defects, message.limits) if part else []:
        for name, value in group:
            extra.setdefault(name, value)
    final = bare(typed(extra.pop("final-recipient", ""))[1]) or None
    original = bare(typed(extra.pop("original-recipient", ""))[1]) or None
    refusal = _refusal(message, final or original)
    if refusal is not None:
        return refusal
    # "manual-action/MDN-sent-manually; displayed/error": the type stands between the semicolon and the modifiers
    disposition = extra.get("disposition", "").partition(";")[2].partition("/")[0].strip().lower()
    return Fields(
        format="mdn",
        kind=Kind.RECEIPT,
        blocks=(Block(address=final or original, original_address=original),) if final or original else (),
        disposition=disposition or None,
        extra=extra,
        defects=tuple(defects),
    )

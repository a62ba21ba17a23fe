"""Delivery-status fields (RFC 3464) in the text of a notice, because its MIME header is lost or was never there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found
from dsnparse.model import Action
from dsnparse.reports.groups import read_groups, typed
from dsnparse.text.addresses import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

_ACTIONS: Final = {"failure": Action.FAILED, "error": Action.FAILED, "expired": Action.FAILED}


def read(notice: Notice) -> Iterator[Found]:
    """Yield each group that has a Final-Recipient or an Original-Recipient."""
    lowered = notice.text.lower()
    start = min(
        at
        for at in (
            lowered.find("reporting-mta:"),
            lowered.find("final-recipient:"),
            lowered.find("original-recipient:"),
        )
        if at >= 0
    )
    start = lowered.rfind("\n", 0, start) + 1
    for group in read_groups(notice.text[start:], []):
        fields: dict[str, str] = {}
        for name, value in group:
            fields.setdefault(name, value)
        final, original = fields.get("final-recipient"), fields.get("original-recipient")
        if not (final or original):
            continue
        word = fields.get("action", "failed").split()[0].lower() if fields.get("action", "failed").split() else "failed"
        status = fields.get("status", "").split()
        yield Found(
            address=bare(typed(final or original or "")[1]),
            original=bare(typed(original)[1]) if original and final else None,
            text=typed(fields.get("diagnostic-code", ""))[1],
            action=_ACTIONS.get(word) or (Action(word) if word in set(Action) else Action.FAILED),
            status=status[0] if status and status[0][:1] in "245" and status[0].count(".") == 2 else None,  # noqa: PLR2004
            host=typed(fields["remote-mta"])[1] if "remote-mta" in fields else None,
        )

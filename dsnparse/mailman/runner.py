"""Mailman's bounce runner with another judge.

Everything from the score on is Mailman's own: thresholds, notices, warnings, removal, as the list's settings say.
"""

from __future__ import annotations

import logging
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any, Final

from dsnparse.mailman.weighing import hard_failures, weigh
from dsnparse.reading import parse

try:  # Mailman has no types, and is no dependency: it brings dsnparse in, not the other way round
    from mailman.app.bounces import ProbeVERP, StandardVERP, maybe_forward  # type: ignore[import-not-found]
    from mailman.interfaces.bounce import BounceContext  # type: ignore[import-not-found]
    from mailman.runners.bounce import BounceRunner as MailmanBounceRunner  # type: ignore[import-not-found]
except ImportError as error:
    _PROBLEM: Final = (
        "dsnparse.mailman.BounceRunner runs inside GNU Mailman 3: install dsnparse into Mailman's virtual environment"
    )
    raise ImportError(_PROBLEM) from error

if TYPE_CHECKING:
    from email.message import Message

__all__ = ["BounceRunner"]

_LOG: Final = logging.getLogger("mailman.bounce")


class BounceRunner(MailmanBounceRunner):  # type: ignore[misc]  # mailman has no types
    """A runner for the queue `bounces`."""

    def _dispose(self, mlist: Any, msg: Message, msgdata: Any) -> bool:  # noqa: ANN401 - mailman has no types
        """Take one mail from the queue, as Mailman's own runner does; False: it is done with."""
        del msgdata
        if not mlist.process_bounces:
            return False
        if msg.get("message-id") is None:
            msg["Message-ID"] = make_msgid()  # `register` of 3.3.10 would store the function in its place
        report = parse(msg)
        context = BounceContext.normal
        claimed = StandardVERP().get_verp(mlist, msg)
        if not claimed and hard_failures(report):
            # Asking for it uses the token up, so a vacation answer to a probe must not come this far.
            claimed = ProbeVERP().get_verp(mlist, msg)
            if claimed:
                context = BounceContext.probe
        finding = weigh(
            report,
            list_id=mlist.list_id,
            claimed=claimed,
            is_member=lambda address: mlist.members.get_member(address) is not None,
        )
        for note in finding.notes:
            _LOG.info("%s: %s: %s", mlist.list_id, ascii(report.message_id), note)
        for address in finding.dead:
            self._processor.register(mlist, address, msg, context)
        if finding.person:
            maybe_forward(mlist, msg)
        return False

"""A Django site, by Anymail's tracking signal: whatever acts on the bounces of an e-mail provider acts on these.

Needs Django and django-anymail (the extra `django`) in the same environment as the site, and a receiver of that signal
in the site.  All receivers of one decision run in one transaction: either all have acted, or none.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from dsnparse.adapters.address import checked
from dsnparse.adapters.base import UNSAFE, Answer, Outcome
from dsnparse.adapters.document import document, encodable
from dsnparse.model import Reason, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Decision, Event
    from dsnparse.settings import Table

__all__ = ["DjangoSite", "make"]

_MODULE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_ESP: Final = "dsnparse"
_NOBODY: Final = Answer(outcome=Outcome.REFUSED, detail="no receiver of the site listens to anymail.signals.tracking")
_NO_WAY_BACK: Final = Answer(
    outcome=Outcome.BAD_REQUEST,
    detail="the signal says that an address is dead, not until when: a person must enable it again in the site",
)
# Anymail's RejectReason; what is not here is "other".
_REASONS: Final = {
    Reason.USER_UNKNOWN: "bounced",
    Reason.MAILBOX_DISABLED: "bounced",
    Reason.MAILBOX_MOVED: "bounced",
    Reason.DOMAIN_NOT_FOUND: "bounced",
    Reason.DOMAIN_NO_MAIL: "bounced",
    Reason.EXPIRED: "timed_out",
    Reason.SENDER_BLOCKED: "blocked",
    Reason.POLICY_REFUSED: "blocked",
    Reason.SPAM_CONTENT: "blocked",
}


class _NotReady(Exception):  # noqa: N818 - the site, as an answer
    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.answer = Answer(outcome=Outcome.REFUSED, detail=detail)


def make(table: Table) -> DjangoSite:
    """Make the adapter from `settings_module` and `folder`; Django is loaded when the first decision is due."""
    module = table.text("settings_module")
    if not _MODULE.fullmatch(module):
        error = table.bad("settings_module", "must be the name of a Python module, such as mysite.settings")
        raise error
    return DjangoSite(module, folder=table.path("folder") if table.has("folder") else None)


class DjangoSite:
    """The adapter for one site."""

    def __init__(self, settings_module: str, *, folder: str | None = None) -> None:
        """Take the site.

        settings_module: of Django, which is not used where Django is set up already; folder: in which it is found.
        """
        self._settings_module = settings_module
        self._folder = folder

    @property
    def name(self) -> str:
        """The kind and the site's settings."""
        return f"django:{self._settings_module}"

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Send the signal for each."""
        answers = [_without_a_call(decision) for decision in decisions]
        try:
            signals = self._signals() if None in answers else None
        except _NotReady as problem:
            return [answer or problem.answer for answer in answers]
        return [answer or _send(signals, decision) for answer, decision in zip(answers, decisions, strict=True)]

    def check(self) -> Answer:
        """Set the site up, look for a receiver, and ask the database for nothing."""
        try:
            signals = self._signals()
        except _NotReady as problem:
            return problem.answer
        from django.db import connection  # noqa: PLC0415 - of an extra

        if not signals.tracking.has_listeners(DjangoSite):
            return _NOBODY
        try:
            connection.ensure_connection()
        except Exception as error:  # noqa: BLE001 - whatever the site's database raises
            return Answer(outcome=Outcome.RETRY, detail=f"the site's database: {type(error).__name__}")
        return Answer(outcome=Outcome.DONE)

    def _signals(self) -> Any:  # noqa: ANN401 - anymail may not be there
        try:
            import django  # noqa: PLC0415 - of an extra
            from anymail import signals  # noqa: PLC0415 - likewise
            from django.apps import apps  # noqa: PLC0415 - likewise
        except ImportError:
            detail = "Django or Anymail is not installed here: pip install 'dsnparse[django]'"
            raise _NotReady(detail) from None
        if not apps.ready:
            if self._folder is not None and self._folder not in sys.path:
                sys.path.insert(0, self._folder)
            os.environ["DJANGO_SETTINGS_MODULE"] = self._settings_module
            try:
                django.setup()
            except Exception as error:  # noqa: BLE001 - the site's own modules
                detail = f"{self._settings_module} cannot be set up: {type(error).__name__}"
                raise _NotReady(detail) from None
        return signals


def _send(signals: Any, decision: Decision) -> Answer:  # noqa: ANN401 - anymail may not be there
    from django.db import close_old_connections, transaction  # noqa: PLC0415 - likewise

    if not signals.tracking.has_listeners(DjangoSite):
        return _NOBODY
    try:
        close_old_connections()  # one that was lost would else be used for ever
        with transaction.atomic():
            signals.tracking.send(sender=DjangoSite, event=_event(signals, decision), esp_name=_ESP)
    except Exception as error:  # noqa: BLE001 - receivers are the site's own
        with contextlib.suppress(Exception):
            close_old_connections()
        return Answer(outcome=Outcome.RETRY, detail=f"a receiver of the site failed: {type(error).__name__}")
    return Answer(outcome=Outcome.DONE)


def _event(signals: Any, decision: Decision) -> Any:  # noqa: ANN401 - anymail may not be there
    event = decision.event
    metadata = {"list": decision.list, "wanted": str(decision.wanted), "status": event.status, "reason": event.reason}
    return signals.AnymailTrackingEvent(
        event_type="complained" if event.feedback_type else "bounced",
        timestamp=event.at,
        event_id=decision.id,
        recipient=decision.address,
        message_id=encodable(event.original),
        reject_reason=_reject_reason(event),
        description=encodable(decision.why),
        mta_response=encodable(event.diagnostic),
        metadata={key: encodable(value) for key, value in metadata.items() if value},
        tags=[],
        esp_event=document(decision),
    )


def _reject_reason(event: Event) -> str:
    if event.feedback_type:
        return "spam"
    return "other" if event.reason is None else _REASONS.get(event.reason, "other")


def _without_a_call(decision: Decision) -> Answer | None:
    if checked(decision.address) != decision.address:
        return UNSAFE
    return _NO_WAY_BACK if decision.wanted is Wanted.RESTORE or decision.until is not None else None

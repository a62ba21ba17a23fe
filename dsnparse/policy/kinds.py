"""Which failures may count against an address, and as what.

Only what is said of the recipient, of the domain, or of the way there counts.  Faults of the message, of the sender or
of a system say nothing of the address; what nobody understood says nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.model import About, BounceType, Reason
from dsnparse.status.retry import reason_facts

if TYPE_CHECKING:
    from dsnparse.model import Event

__all__ = ["COMPLAINT", "HARD", "KINDS", "kind_of"]

COMPLAINT: Final = "complaint"
_EXPIRED: Final = Reason.EXPIRED.value
_UNSURE: Final = "unsure"  # a reason that condemns, and words or codes that leave doubt

HARD: Final = frozenset(
    reason.value
    for reason in (
        Reason.USER_UNKNOWN,
        Reason.MAILBOX_DISABLED,
        Reason.MAILBOX_MOVED,
        Reason.DOMAIN_NOT_FOUND,
        Reason.DOMAIN_NO_MAIL,
    )
)
# Whether a preset that counts any failure counts this one too.  The last three are about the pair of sender and
# recipient, or about the connection: only an owner who asks for it by name counts them.
KINDS: Final = {
    **dict.fromkeys(sorted(HARD), True),
    Reason.MAILBOX_FULL.value: True,
    _EXPIRED: True,
    _UNSURE: True,
    COMPLAINT: False,
    Reason.RECIPIENT_REFUSED.value: False,
    Reason.GREYLISTED.value: False,
    Reason.TLS_FAILURE.value: False,
}
_NOT_THE_ADDRESS: Final = frozenset({About.MESSAGE, About.SENDER, About.SYSTEM, About.UNKNOWN})
# RFC 5965 section 7.3 and RFC 6430 (not-spam) register the types; opt-out comes from older loops.  Fraud, virus and
# authentication reports are about the message, and not-spam is the contrary of a complaint.
_UNSUBSCRIBES: Final = frozenset({"abuse", "opt-out", "opt-out-list"})


def kind_of(event: Event) -> str | None:
    """Return as what an event counts, a key of `KINDS`; None where it never does."""
    if event.feedback_type is not None:
        return COMPLAINT if event.feedback_type.lower() in _UNSUBSCRIBES else None
    if event.reason is None or reason_facts(event.reason).about in _NOT_THE_ADDRESS:
        return None
    word = event.reason.value
    if word not in HARD:
        return _EXPIRED if event.reason is Reason.NETWORK_ERROR else word
    if event.bounce_type is BounceType.HARD:
        return word
    return _EXPIRED if _temporary(event) else _UNSURE


def _temporary(event: Event) -> bool:
    """Tell whether the server never said no for good: ours gave up waiting (Postfix reports the last 4.x.x)."""
    return (event.status or "").startswith("4") or (event.reply_code or "").startswith("4")

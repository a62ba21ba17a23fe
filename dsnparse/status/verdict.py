"""Hard or soft: how a block's evidence becomes a verdict."""

from __future__ import annotations

from typing import Final

from dsnparse.model import Action, Block, BounceType, Confidence, Reason, Stage, Verdict
from dsnparse.smtp.reply import read
from dsnparse.status.evidence import Stated, stated
from dsnparse.status.finding import Finding, find
from dsnparse.status.retry import address_advice, reason_facts, retry
from dsnparse.status.rules import CONDEMNING, Rules, builtin

__all__ = ["judge"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_DELAYED: Final = Action.DELAYED
_FAILED: Final = Action.FAILED
_HARD: Final = BounceType.HARD
_SOFT: Final = BounceType.SOFT
_HIGH: Final = Confidence.HIGH
_LOW: Final = Confidence.LOW
_MEDIUM: Final = Confidence.MEDIUM
_DOMAIN_NOT_FOUND: Final = Reason.DOMAIN_NOT_FOUND
_DOMAIN_NO_MAIL: Final = Reason.DOMAIN_NO_MAIL
_SECURITY_ERROR: Final = Reason.SECURITY_ERROR
_SENDER_BLOCKED: Final = Reason.SENDER_BLOCKED
_SENDER_REJECTED: Final = Reason.SENDER_REJECTED
_UNDETERMINED: Final = Reason.UNDETERMINED
_HELO: Final = Stage.HELO
_MAIL: Final = Stage.MAIL

_SUCCESS = frozenset({Action.DELIVERED, Action.RELAYED, Action.EXPANDED})
_BEFORE_RCPT = frozenset({Stage.CONNECT, Stage.HELO, Stage.MAIL})
_AFTER_RCPT = frozenset({Stage.DATA, Stage.EOD})
_LOGIN = frozenset({"534", "535", "538"})  # RFC 4954 section 6: the sender's own account
_OF_SENDER = frozenset({"1.7", "1.8"})  # RFC 3463 section 3.2: the address of the sender
_PERMANENT = frozenset("5")
_NO_FAILURE = frozenset("23")
_SURE = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


def judge(block: Block, *, rules: Rules | None = None) -> Verdict:
    """Say what `block` means: the reason, whether the address is dead, what to do next.

    Works on a block whose codes are filled in and on a raw one.  `rules` replaces the built-in ones.
    """
    if block.action in _SUCCESS:
        return Verdict(confidence=block.confidence)
    reply = read(block.diagnostic)
    codes = stated(block, reply)
    classes = codes.classes
    if block.action is None and classes and classes <= _NO_FAILURE:  # "221 Goodbye" is no failure
        return Verdict(confidence=block.confidence)
    finding = find(block, reply, codes, rules or builtin())
    if finding is None:
        if block.action is None:
            return Verdict(permanent=_permanent(block, classes), confidence=_LOW)
        finding = Finding(_UNDETERMINED, "none", "", None, _LOW)
    return _verdict(block, finding, codes, classes)


def _verdict(block: Block, finding: Finding, codes: Stated, classes: frozenset[str]) -> Verdict:
    stage = codes.stage
    reason = _blame(finding.reason, codes)
    bounce_type = _bounce_type(block, reason, finding, stage, classes)
    permanent = _permanent(block, classes)
    confidence = finding.confidence if block.confidence is _HIGH else _lower(finding.confidence, block.confidence)
    return Verdict(
        bounce_type=bounce_type,
        reason=reason,
        about=reason_facts(reason).about,
        permanent=permanent,
        confidence=_LOW if len(classes) > 1 else confidence,
        rule=finding.rule,
        evidence=finding.evidence or None,
        retry=retry(
            reason,
            final=permanent is not False,
            action=block.action,
            hard=bounce_type is _HARD,
            text=block.diagnostic,
        ),
        address_advice=address_advice(reason, bounce_type),
    )


def _blame(reason: Reason, codes: Stated) -> Reason:
    """Return `reason`, or what it comes to where the answer was not to a recipient."""
    if reason not in CONDEMNING:
        return reason
    if any(status[2:] in _OF_SENDER for status in codes.statuses):
        return _SENDER_REJECTED
    if reason is not _DOMAIN_NO_MAIL:
        if codes.code in _LOGIN:
            return _SECURITY_ERROR
        if codes.stage is _MAIL:
            return _SENDER_REJECTED  # the answer to MAIL FROM speaks of the sender (RFC 5321 section 4.3.2)
        if codes.stage is _HELO and reason is _DOMAIN_NOT_FOUND:
            return _SENDER_BLOCKED  # the domain is the argument of EHLO
    return reason


def _lower(one: Confidence, other: Confidence) -> Confidence:
    return min(one, other, key=_SURE.index)


def _bounce_type(
    block: Block, reason: Reason, finding: Finding, stage: Stage | None, classes: frozenset[str]
) -> BounceType | None:
    """Hard only if the reason condemns, every stated class is 5, and nothing speaks against it."""
    if block.action is _DELAYED:
        return None
    if "4" in classes:
        return _SOFT
    if reason not in CONDEMNING:
        unsaid = reason is _UNDETERMINED or finding.condemns is None
        return None if unsaid else _SOFT
    against = (
        not classes <= _PERMANENT
        or block.confidence is _LOW
        # no recipient was named yet
        or (stage in _BEFORE_RCPT and reason is not _DOMAIN_NO_MAIL)
        # what "does not exist" may be the sender, once the message was seen
        or (stage in _AFTER_RCPT and finding.confidence is _LOW)
    )
    if against:
        return _SOFT
    if finding.condemns is None:
        return None
    return _HARD if finding.condemns else _SOFT


def _permanent(block: Block, classes: frozenset[str]) -> bool | None:
    if block.action is _FAILED:
        return True
    if block.action is _DELAYED or "4" in classes:
        return False
    return True if "5" in classes else None

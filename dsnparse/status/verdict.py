"""Hard or soft: how a block's evidence becomes a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dsnparse.model import Action, Block, BounceType, Confidence, Reason, Stage, Verdict
from dsnparse.smtp.codes import enhanced, reply_code
from dsnparse.smtp.reply import Reply, read
from dsnparse.status.evidence import Stated, stated
from dsnparse.status.retry import address_advice, reason_facts, retry
from dsnparse.status.rules import CONDEMNING, Facts, Hit, Rules, builtin, facts
from dsnparse.text.limits import MAX_TEXT_SCANNED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["firing", "judge"]

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
_MORE = 16  # characters around the decisive reply beyond its codes
_SURE = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


class _Finding(NamedTuple):
    """A reason, what it rests on, and whether that is enough to condemn an address."""

    reason: Reason
    rule: str
    evidence: str
    condemns: bool | None  # None: the evidence leaves it open
    confidence: Confidence


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
    finding = _find(block, reply, codes, rules or builtin())
    if finding is None:
        if block.action is None:
            return Verdict(permanent=_permanent(block, classes), confidence=_LOW)
        finding = _Finding(_UNDETERMINED, "none", "", None, _LOW)
    return _verdict(block, finding, codes, classes)


def _verdict(block: Block, finding: _Finding, codes: Stated, classes: frozenset[str]) -> Verdict:
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
    block: Block, reason: Reason, finding: _Finding, stage: Stage | None, classes: frozenset[str]
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


def _find(block: Block, reply: Reply, codes: Stated, rules: Rules) -> _Finding | None:
    weak: _Finding | None = None
    first: Facts | None = None
    for asked in _facts(block, reply, codes):
        first = first or asked
        hit = _first(rules, asked)
        if hit and not hit.rule.weak:
            return _of_hit(hit, asked, rules)
        weak = weak or (_of_hit(hit, asked, rules) if hit else None)
    if first is None:
        return None
    code_hit = rules.by_code(first)
    if code_hit:
        return _of_hit(code_hit, first, rules)
    coded = _of_code(first, rules)
    if weak and (coded is None or coded.confidence is _LOW):
        return weak
    dead = coded is not None and coded.reason in CONDEMNING and coded.evidence.startswith("5")
    if weak and dead and weak.reason not in CONDEMNING:
        return weak._replace(condemns=False)  # the code condemns, the words speak of something else
    return coded or weak


def _first(rules: Rules, asked: Facts) -> Hit | None:
    """Return the first hit, or the first that is not weak where there is one."""
    weak: Hit | None = None
    for hit in rules.matches(asked):
        if not hit.rule.weak:
            return hit
        weak = weak or hit
    return weak


def _facts(block: Block, reply: Reply, codes: Stated) -> Iterator[Facts]:
    """Return the decisive reply's words, then, where there are more, the whole diagnostic's."""
    text = (block.diagnostic or "")[:MAX_TEXT_SCANNED]
    statuses = codes.statuses
    yield facts(reply.text, whole=text, code=codes.code, statuses=statuses)
    if len(text) - len(reply.text) >= _MORE:
        yield facts(text, code=codes.code, statuses=statuses)


def _of_hit(hit: Hit, asked: Facts, rules: Rules) -> _Finding:
    rule = hit.rule
    condemns = rule.reason in CONDEMNING
    recalled = rule.provenance == "recalled"
    confidence = _MEDIUM if recalled else _HIGH
    if rule.weak:
        confidence = _LOW
    if condemns and rule.weak and any(status[1:4] == ".7." for status in asked.statuses):
        return _Finding(rule.reason, rule.id, hit.evidence, condemns=False, confidence=_LOW)  # policy speaks
    if condemns and (rules.veto(asked) or (recalled and not _supported(asked, rules))):
        return _Finding(rule.reason, rule.id, hit.evidence, condemns=False, confidence=_LOW)
    return _Finding(rule.reason, rule.id, hit.evidence, condemns, confidence)


def _supported(asked: Facts, rules: Rules) -> bool:
    """Whether anything but recalled rows says that the address is dead."""
    row = enhanced(asked.statuses[0]) if asked.statuses else None
    if row and row.hard and row.reason in CONDEMNING:
        return True
    return any(hit.rule.reason in CONDEMNING and hit.rule.provenance != "recalled" for hit in rules.matches(asked))


def _of_code(asked: Facts, rules: Rules) -> _Finding | None:
    """Say what the codes alone say."""
    row = enhanced(asked.statuses[0]) if asked.statuses else None
    if row and row.reason:
        condemns = False if row.hard and rules.veto(asked) else row.hard
        detailed = row.registered and not row.key.endswith(".0") and row.key not in _VAGUE
        sure = _MEDIUM if detailed else _LOW
        return _Finding(row.reason, f"status-{row.key.lower()}", row.code, condemns, sure)
    reply = reply_code(asked.code) if asked.code else None
    if reply and reply.reason:
        return _Finding(reply.reason, f"reply-{reply.code}", reply.code, reply.hard, _LOW)
    return None


# Codes used for so many things that any word beside them says more.
_VAGUE = frozenset({"X.7.1", "X.4.1", "X.4.4", "X.5.1", "X.5.2", "X.5.4", "X.3.2"})


def firing(text: str, *, rules: Rules | None = None) -> tuple[Hit, ...]:
    """For a reply: the rule that fires, then all others that would have fired without it."""
    asked = rules or builtin()
    reply = read(text)
    block = Block(diagnostic=text)
    found: dict[str, Hit] = {}
    for each in _facts(block, reply, stated(block, reply)):
        hits = [*asked.matches(each), *filter(None, [asked.by_code(each)])]
        for hit in hits:
            found.setdefault(hit.rule.id, hit)
    return tuple(sorted(found.values(), key=lambda hit: hit.rule.weak))

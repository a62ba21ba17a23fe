"""What a reply means: the row whose words fire, else what its codes say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dsnparse.model import Block, Confidence, Reason
from dsnparse.smtp.codes import enhanced, reply_code
from dsnparse.smtp.reply import Reply, read
from dsnparse.status.evidence import Stated, stated
from dsnparse.status.rules import CONDEMNING, Facts, Hit, Rules, builtin, facts
from dsnparse.text.limits import MAX_TEXT_SCANNED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Finding", "find", "firing"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_HIGH: Final = Confidence.HIGH
_LOW: Final = Confidence.LOW
_MEDIUM: Final = Confidence.MEDIUM

_MORE = 16  # characters around the decisive reply beyond its codes


class Finding(NamedTuple):
    """A reason, what it rests on, and whether that is enough to condemn an address."""

    reason: Reason
    rule: str
    evidence: str
    condemns: bool | None  # None: the evidence leaves it open
    confidence: Confidence


def find(block: Block, reply: Reply, codes: Stated, rules: Rules) -> Finding | None:
    """Return what a block says by its words, else by its codes; None when it says nothing."""
    weak: Finding | None = None
    first: Facts | None = None
    for asked in _facts(block, reply, codes):
        first = first or asked
        finding, sure = _told(asked, rules)
        if sure:
            return finding
        weak = weak or finding
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


def _told(asked: Facts, rules: Rules) -> tuple[Finding | None, bool]:
    """Return what the words say, and whether that is settled: no row that fires is weak, or another one is not."""
    signs = rules.signs(asked)
    if signs is None:
        return _read(asked, rules)
    told: tuple[Finding | None, bool] = rules.recent.get(signs, lambda: _read(asked, rules))
    return told


def _read(asked: Facts, rules: Rules) -> tuple[Finding | None, bool]:
    hit = _first(rules, asked)
    return (_of_hit(hit, asked, rules), not hit.rule.weak) if hit else (None, False)


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


def _of_hit(hit: Hit, asked: Facts, rules: Rules) -> Finding:
    rule = hit.rule
    condemns = rule.reason in CONDEMNING
    recalled = rule.provenance == "recalled"
    confidence = _MEDIUM if recalled else _HIGH
    if rule.weak:
        confidence = _LOW
    if condemns and rule.weak and any(status[1:4] == ".7." for status in asked.statuses):
        return Finding(rule.reason, rule.id, hit.evidence, condemns=False, confidence=_LOW)  # policy speaks
    if condemns and (rules.veto(asked) or (recalled and not _supported(asked, rules))):
        return Finding(rule.reason, rule.id, hit.evidence, condemns=False, confidence=_LOW)
    return Finding(rule.reason, rule.id, hit.evidence, condemns, confidence)


def _supported(asked: Facts, rules: Rules) -> bool:
    """Whether anything but recalled rows says that the address is dead."""
    row = enhanced(asked.statuses[0]) if asked.statuses else None
    if row and row.hard and row.reason in CONDEMNING:
        return True
    return any(hit.rule.reason in CONDEMNING and hit.rule.provenance != "recalled" for hit in rules.matches(asked))


def _of_code(asked: Facts, rules: Rules) -> Finding | None:
    """Say what the codes alone say."""
    row = enhanced(asked.statuses[0]) if asked.statuses else None
    if row and row.reason:
        condemns = False if row.hard and rules.veto(asked) else row.hard
        detailed = row.registered and not row.key.endswith(".0") and row.key not in _VAGUE
        sure = _MEDIUM if detailed else _LOW
        return Finding(row.reason, f"status-{row.key.lower()}", row.code, condemns, sure)
    reply = reply_code(asked.code) if asked.code else None
    if reply and reply.reason:
        return Finding(reply.reason, f"reply-{reply.code}", reply.code, reply.hard, _LOW)
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

"""A recipient's verdict as sentences for the person who asks "what does this mean?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsnparse.explaining.codes import bare_codes, codes_of, contradictions, measured, other_senses, registered_sense
from dsnparse.explaining.words import in_words, sentence, words_of
from dsnparse.model import About, Action, AddressAdviceKind, BounceType, Kind, Reason, RetryAdvice, Stage
from dsnparse.smtp.codes import class_, enhanced, reply_code
from dsnparse.status import builtin, reason_facts, stated_delay

if TYPE_CHECKING:
    from dsnparse.model import Recipient, Report, Retry
    from dsnparse.status import Rules

__all__ = ["Explanation", "explain", "explain_mail", "in_one_line"]

_DONE: Final = frozenset({Action.DELIVERED, Action.RELAYED, Action.EXPANDED})
_BEFORE_RCPT: Final = frozenset({Stage.CONNECT, Stage.HELO, Stage.MAIL})
_RETRYING: Final = frozenset({RetryAdvice.RETRY, RetryAdvice.RETRY_SLOWER})
_COMPLAINTS: Final = frozenset({None, "abuse", "fraud", "opt-out", "opt-out-list", "miscategorized", "other"})
_TEMPORARY: Final = 4
_LONGEST_SOURCE: Final = 60  # characters
_NOTHING: Final = dict.fromkeys(("means", "fault", "address", "sender", "theirs", "again"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a recipient's block or a reply means; each field is one or more sentences, empty where none is needed."""

    means: str
    fault: str  # whose fault it is
    address: str  # whether the address is dead
    sender: str  # what the sender should do
    theirs: str  # what the recipient's side would have to do
    again: str  # whether and when to send the message again
    codes: tuple[str, ...]  # what each code means
    beware: tuple[str, ...]  # other senses of the codes, and codes that contradict each other
    rule: str  # which rule said so, by which words
    filed: str  # the reason and the bounce type, as other commands print them


def explain(recipient: Recipient, *, rules: Rules | None = None) -> Explanation:
    """Explain a recipient; one without an address is a reply or a bare code in its `diagnostic`.

    rules: those that judged it, to name the source of the rule.
    """
    text = recipient.diagnostic or ""
    bare = bare_codes(text)
    codes = bare or codes_of(recipient)
    alone = bool(bare) or _code_rule(recipient)
    verdict = recipient.verdict
    if recipient.action in _DONE or _success(recipient, codes):
        said = _fine(recipient)
    elif verdict.reason is None:
        said = _open(codes)
    else:
        said = _failed(recipient, verdict.reason, by_code=alone)
    share = measured(codes) if bare and verdict.permanent else None
    if share:
        doubtful = share.mostly_dead and verdict.bounce_type is BounceType.SOFT
        said["address"] = f"{sentence('address', 'open') if doubtful else said['address']} {share.said}"
    return Explanation(
        **said,
        codes=tuple(each for code in codes if (each := registered_sense(code, said["means"]))),
        beware=(
            *contradictions(codes),
            *(each for code in codes for each in other_senses(code, vendors_only=not alone)),
        ),
        rule=_rule(recipient, bare, rules or builtin()),
        filed=sentence("filed", verdict.bounce_type or "open", reason=verdict.reason) if verdict.reason else "",
    )


def _code_rule(recipient: Recipient) -> bool:
    rule = recipient.verdict.rule
    return rule is None or rule.startswith(("status-x.", "reply-"))


def _success(recipient: Recipient, codes: tuple[str, ...]) -> bool:
    classes = {class_(code) for code in codes}
    return recipient.verdict.reason is None and bool(classes) and classes <= {2, 3}


def _fine(recipient: Recipient) -> dict[str, str]:
    means = sentence("success", recipient.action or "reply")
    return _NOTHING | {"means": means, "address": sentence("address", "fine")}


def _open(codes: tuple[str, ...]) -> dict[str, str]:
    """Nothing is known of a cause: bare codes that leave it open, or words that nobody knows."""
    meaning = _meaning_of(codes)
    if meaning is None:
        means = " ".join(map(registered_sense, codes)) or sentence("success", "nothing")
        return _NOTHING | {
            "means": means,
            "address": sentence("address", "open"),
            "sender": sentence("sender", "unknown"),
        }
    words = words_of("reason.undetermined")
    return {
        "means": meaning,
        "fault": sentence("fault", "unknown"),
        "address": sentence("address", "open"),
        "sender": words["sender"],
        "theirs": words["theirs"],
        "again": sentence("again", "unknown"),
    }


def _meaning_of(codes: tuple[str, ...]) -> str | None:
    """Return the meaning of the code that says most; X.0.0 says less than any reply code."""
    rows = [row for code in codes if (row := enhanced(code)) and row.key != "X.0.0"]
    if rows:
        return rows[0].meaning
    known = (reply_code(code) or enhanced(code) for code in codes)
    return next((row.meaning for row in known if row), None)


def _failed(recipient: Recipient, reason: Reason, *, by_code: bool) -> dict[str, str]:
    words = words_of(f"reason.{reason}")
    verdict = recipient.verdict
    about = verdict.about or About.UNKNOWN
    by_meaning = _meaning_of(tuple(filter(None, (recipient.status, recipient.reply_code)))) if by_code else None
    theirs = words["theirs"]
    if recipient.action is Action.DELAYED:
        theirs = sentence("theirs", "delayed", theirs=_inside(theirs))
    return {
        "means": by_meaning or words["means"],
        "fault": words.get("fault") or sentence("fault", about),
        "address": _address(recipient, reason),
        "sender": _sender(recipient, words),
        "theirs": theirs,
        "again": _again(recipient, verdict.retry),
    }


def _sender(recipient: Recipient, words: dict[str, str]) -> str:
    verdict = recipient.verdict
    if recipient.action is Action.DELAYED:
        return sentence("sender", "delayed")
    said = words["sender"] if verdict.bounce_type is BounceType.HARD else words.get("unproven", words["sender"])
    if verdict.permanent is False and verdict.retry is not None and verdict.retry.advice in _RETRYING:
        return said if said.startswith("Nothing") else sentence("sender", "trying", sender=_inside(said))
    return said


def _inside(said: str) -> str:
    """Return sentences as they stand behind a colon."""
    return said[0].lower() + said[1:]


def _address(recipient: Recipient, reason: Reason) -> str:
    verdict = recipient.verdict
    advice = verdict.address_advice
    if recipient.action is Action.DELAYED:
        return sentence("address", "delayed")
    if verdict.bounce_type is BounceType.HARD:
        return sentence("address", "hard_domain" if verdict.about is About.DOMAIN else "hard")
    if verdict.bounce_type is None or advice is None:
        return sentence("address", "open")
    after = in_words(advice.after_seconds)
    if "unproven" in words_of(f"reason.{reason}"):  # a reason that condemns, were it proven
        return sentence("address", "unproven", why=sentence("why", _why(recipient)), after=after)
    return sentence("address", "pause" if advice.advice is AddressAdviceKind.PAUSE else "keep", after=after)


def _why(recipient: Recipient) -> str:
    """Name what keeps a condemning reason from being hard; see dsnparse.status.verdict."""
    classes = {class_(code) for code in codes_of(recipient)}
    if len(classes) > 1:
        return "mixed"
    if _TEMPORARY in classes:
        return "temporary"
    return "early" if recipient.stage in _BEFORE_RCPT else "thin"


def _again(recipient: Recipient, retry: Retry | None) -> str:
    if retry is None:
        return sentence("again", "unknown")
    name: str = retry.advice
    temporary = recipient.verdict.permanent is False
    if retry.advice in _RETRYING and not temporary:
        name = f"{name}_final"
    until = recipient.will_retry_until
    said = sentence(
        "again",
        name,
        after=in_words(retry.after_seconds),
        give_up=in_words(retry.give_up_after_seconds),
        until=f", until {until:%d %B %Y %H:%M %Z}".rstrip() if until else "",
    )
    stated = stated_delay(recipient.diagnostic or "") if retry.advice in _RETRYING and temporary else None
    return f"{sentence('again', 'stated', after=in_words(stated))} {said}" if stated else said


def _rule(recipient: Recipient, bare: tuple[str, ...], rules: Rules) -> str:
    verdict = recipient.verdict
    if verdict.rule is None or verdict.rule == "none":
        codes = bare or codes_of(recipient)
        if recipient.action in _DONE or _success(recipient, codes):
            return sentence("rule", "success")
        known = bool(bare) and _meaning_of(codes) is not None
        return sentence("rule", "code_only" if known else "none", code=" ".join(bare))
    if _code_rule(recipient):
        said = sentence("rule", "code_only" if bare else "code", code=verdict.evidence)
    else:
        row = next((row for row in rules.rows if row.id == verdict.rule), None)
        source = (row.origin if row.origin != "dsnparse" else row.source) if row else ""
        name = f"{verdict.rule} ({source})" if 0 < len(source) <= _LONGEST_SOURCE else verdict.rule
        form = "by_code" if verdict.evidence in codes_of(recipient) else "words"
        said = sentence("rule", form, rule=name, evidence=verdict.evidence)
    return f"{said} {sentence('rule', verdict.confidence)}"


def explain_mail(report: Report) -> str:
    """Say what a mail is, in one or two sentences."""
    if report.kind is Kind.FEEDBACK and report.feedback_type not in _COMPLAINTS:
        said = sentence("kind", "feedback_other", type=report.feedback_type)
    else:
        said = sentence("kind", report.kind)
    nobody = report.kind in {Kind.BOUNCE, Kind.DELAYED} and not report.recipients
    return f"{said} {sentence('kind', 'nobody')}" if nobody else said


def in_one_line(recipient: Recipient) -> str:
    """Say in one sentence what a reply means."""
    reason = recipient.verdict.reason
    bare = bare_codes(recipient.diagnostic or "")
    codes = bare or codes_of(recipient)
    if _success(recipient, codes):
        return sentence("success", "reply")
    by_code = _meaning_of(codes) if _code_rule(recipient) else None
    return by_code or (reason_facts(reason).meaning if reason else sentence("success", "nothing_short"))

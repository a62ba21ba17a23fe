"""What to do next: with this message, and with this address.  The numbers and their sources stand in `advice.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from dsnparse.model import About, Action, AddressAdvice, AddressAdviceKind, BounceType, Reason, Retry, RetryAdvice
from dsnparse.status.rules import compiled
from dsnparse.text.limits import MAX_TEXT_SCANNED

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ReasonFacts",
    "address_advice",
    "reason_facts",
    "retry",
    "schedule",
    "stated_delay",
    "vocabularies",
    "vocabulary",
]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_DELAYED: Final = Action.DELAYED
_HARD: Final = BounceType.HARD

_RETRYING = frozenset({RetryAdvice.RETRY, RetryAdvice.RETRY_SLOWER, RetryAdvice.SPLIT})
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_IN = r"\b(?:in|after|for|within|wait|another|least|seconds?:|retry=|delay:?|back) ?(?:at least |another |about )?"
_CLOCK = re.compile(r"\b(?:in|after|for|wait) (?:at least )?([0-9]{1,2}):([0-9]{2}):([0-9]{2})\b", re.IGNORECASE)
_COUNT = re.compile(_IN + r"([0-9]{1,6}) ?(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|days?)\b", re.IGNORECASE)
_LONGEST_STATED = 7 * 86_400
_WAIT = Retry(advice=RetryAdvice.WAIT)
_STOP = Retry(advice=RetryAdvice.STOP)
# A time counts only where the text speaks of coming back: "in the queue for 5 days" says something else.
_AGAIN = ("try", "again", "come back", "later", "wait", "resend", "greylist", "graylist", "delay")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonFacts:
    """A reason in plain words."""

    reason: Reason
    about: About
    meaning: str
    sender_should: str
    recipient_should: str
    retry_source: str
    address_source: str


@cache
def reason_facts(reason: Reason) -> ReasonFacts:
    """Say what `reason` means, whose fault it is, and what either side can do."""
    row = _row(reason)
    return ReasonFacts(
        reason=reason,
        about=About(row["about"]),
        meaning=row["meaning"],
        sender_should=row["sender_should"],
        recipient_should=row["recipient_should"],
        retry_source=row["temporary"]["source"],
        address_source=row["address"]["source"],
    )


def retry(
    reason: Reason, *, final: bool, action: Action | None = None, hard: bool = False, text: str | None = None
) -> Retry:
    """Advice on this message.  `final`: the server will not be asked again by itself.  `text` may state a time."""
    if action is _DELAYED:
        return _WAIT
    if hard:
        return _STOP
    usual = _retry(reason, final)
    if final or not text or usual.advice not in _RETRYING:
        return usual
    after = stated_delay(text)
    return replace(usual, after_seconds=after) if after else usual


@cache
def _retry(reason: Reason, final: bool) -> Retry:  # noqa: FBT001 - called by position, for the cache
    """Return what the reason's row says, where the text states no time."""
    row = _row(reason)
    chosen = row["final"] if final else row["temporary"]
    advice = RetryAdvice(chosen["advice"])
    if final and advice is RetryAdvice.STOP:  # a reason that condemns, yet not proven
        return Retry(advice=RetryAdvice.ASK_A_PERSON)
    return Retry(advice=advice, after_seconds=chosen.get("after"), give_up_after_seconds=chosen.get("give_up"))


@cache
def address_advice(reason: Reason, bounce_type: BounceType | None) -> AddressAdvice:
    """Advice on this address: drop it when hard, keep it when nothing failed, else as the reason's row says."""
    if bounce_type is _HARD:
        return AddressAdvice(advice=AddressAdviceKind.DROP)
    if bounce_type is None:
        return AddressAdvice(advice=AddressAdviceKind.KEEP)
    row = _row(reason)["address"]
    return AddressAdvice(advice=AddressAdviceKind(row["advice"]), after_seconds=row.get("after"))


def schedule(reason: Reason, *, text: str | None = None, until_seconds: int | None = None) -> Iterator[int]:
    """Return the times, in seconds from the first attempt, at which a sender that queues by itself tries again.

    Gaps grow from attempt to attempt (RFC 5321 section 4.5.4.1).  A delay that `text` states is the first gap.
    `until_seconds` ends the schedule where the sender's own limit, or a Will-Retry-Until, comes earlier.
    Yields nothing for a reason that waiting does not mend.
    """
    row = _row(reason)["temporary"]
    if RetryAdvice(row["advice"]) not in _RETRYING:
        return
    stop = row["give_up"] if until_seconds is None else min(row["give_up"], until_seconds)
    gap = max((stated_delay(text) if text else None) or row["after"], 0)
    at = gap
    while at <= stop:
        yield at
        gap = min(max(round(gap * row["growth"]), _UNIT_SECONDS["m"] * 10), row["longest"])
        at += gap


def stated_delay(text: str) -> int | None:
    """Return the seconds after which a reply asks the sender to come back ("in 00:02:00"); None if it does not."""
    text = text[:MAX_TEXT_SCANNED].lower()
    if not any(word in text for word in _AGAIN):
        return None
    clock = _CLOCK.search(text)
    if clock:
        hours, minutes, seconds = (int(part) for part in clock.groups())
        found = hours * 3600 + minutes * 60 + seconds
    else:
        count = _COUNT.search(text)
        if not count:
            return None
        found = int(count[1]) * _UNIT_SECONDS[count[2][0].lower()]
    return found if 0 < found <= _LONGEST_STATED else None


def vocabularies() -> tuple[str, ...]:
    """Return the systems whose names `vocabulary` knows."""
    return tuple(compiled()["vocabulary"])


def vocabulary(system: str, reason: Reason) -> str | None:
    """Return the name that `system` ("sisimai", "kumomta", ...) gives to `reason`; None for an unknown system."""
    names: dict[str, str] | None = compiled()["vocabulary"].get(system)
    return names[reason] if names else None


def _row(reason: Reason) -> dict[str, Any]:
    row: dict[str, Any] = compiled()["advice"][reason]
    return row

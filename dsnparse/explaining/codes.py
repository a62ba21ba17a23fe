"""What codes mean by the registry, and in the other senses that lists and systems give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsnparse.explaining.words import sentence
from dsnparse.smtp.codes import class_, enhanced, other_meanings, reply_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.model import Recipient

__all__ = ["Share", "bare_codes", "codes_of", "contradictions", "measured", "other_senses", "registered_sense"]

_SPLIT: Final = re.compile(r"[\s,;:()\[\]<>#'\"=-]+")
_CODE: Final = re.compile(r"[0-9]{3}|[0-9]\.[0-9]{1,3}\.[0-9]{1,3}")
_FILLER: Final = frozenset({"smtp", "error", "code", "status", "dsn", "reply", "esmtp"})
_LONGEST: Final = 80  # characters; a text of codes alone is shorter


def bare_codes(text: str) -> tuple[str, ...]:
    """Return the codes of a text that holds nothing else, as "550", "SMTP error 452 4.1.0" or "(#5.7.1)"; else ()."""
    if len(text) > _LONGEST:
        return ()
    words = [word for word in _SPLIT.split(text.strip(" .!?")) if word and word.lower() not in _FILLER]
    return tuple(dict.fromkeys(words)) if all(_CODE.fullmatch(word) for word in words) else ()


def codes_of(recipient: Recipient) -> tuple[str, ...]:
    """Return the codes that a recipient's block states."""
    found = (recipient.reply_code, recipient.reply_status, recipient.reported_status)
    return tuple(dict.fromkeys(code for code in found if code))


def registered_sense(code: str, told: str = "") -> str:
    """Return what the registry and the RFCs say of a code, without what `told` says already; "" if that is all."""
    if "." not in code:
        reply = reply_code(code)
        if reply is None:
            return _unless(sentence("code", "no_reply", code=code), told)
        form = "brief" if reply.meaning in told else "reply_other" if reply.defined_in == "none" else "registered"
        return sentence("code", form, code=code, title=reply.title, meaning=reply.meaning, defined_in=reply.defined_in)
    row = enhanced(code)
    if row is None:
        return _unless(sentence("code", "no_class", code=code), told)
    form = "unregistered" if not row.registered else "brief" if row.meaning in told else "registered"
    values = {"title": row.title, "meaning": row.meaning, "defined_in": row.defined_in}
    return sentence("code", form, code=code, key=row.key, **values)


def _unless(said: str, told: str) -> str:
    return "" if said in told else said


def other_senses(code: str, *, vendors_only: bool = False) -> tuple[str, ...]:
    """Return the senses of a code against the registry or beside it."""
    return tuple(
        sentence(
            "code",
            "lists" if row.used_by == "lists" else "vendor",
            code=code,
            meaning=row.meaning,
            note=row.note,
            used_by=row.used_by,
        )
        for row in other_meanings(code)
        if not (vendors_only and row.used_by == "lists")
    )


def contradictions(codes: Sequence[str]) -> tuple[str, ...]:
    """Say which codes are of different classes."""
    known = [code for code in codes if enhanced(code) or reply_code(code)]
    other = next((code for code in known if class_(code) != class_(known[0])), None)
    if other is None:
        return ()
    one = known[0]
    said = {
        f"{name}_says": sentence("code", f"class_{class_(code)}") for name, code in (("one", one), ("other", other))
    }
    return (sentence("code", "contradiction", one=one, other=other, **said),)


@dataclass(frozen=True, slots=True)
class Share:
    """How often a code came from a dead address, among replies that were looked at one by one."""

    said: str
    mostly_dead: bool


def measured(codes: Sequence[str]) -> Share | None:
    """Return the share of the most specific of these codes for which it was counted."""
    for code in sorted(codes, key=len, reverse=True):
        row = enhanced(code) or reply_code(code)
        if row and row.measured:
            seen, dead = row.measured
            return Share(sentence("address", "measured", seen=seen, dead=dead or "none", code=code), dead * 2 > seen)
    return None

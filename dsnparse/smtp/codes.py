"""The tables of enhanced status codes (RFC 3463, RFC 5248 and IANA's registry) and SMTP reply codes (RFC 5321).

The rows lie beside this module: `enhanced_codes.json`, `reply_codes.json`, and `other_meanings.json` for the senses
that public lists and single systems give to a code against the registry.  They are read once, when first asked for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from dsnparse.model import About, Reason

__all__ = [
    "EnhancedCode",
    "EnhancedStatus",
    "OtherMeaning",
    "ReplyCode",
    "all_enhanced",
    "all_replies",
    "class_",
    "enhanced",
    "is_registered",
    "other_meanings",
    "parse_enhanced",
    "reply_code",
]

_FORM = re.compile(r"([0-9])\.([0-9]{1,3})\.([0-9]{1,3})")
_HARD = {"yes": True, "no": False, "open": None}
_DEAD_CLASS = 5
_LONGEST_CODE = 9  # longer texts are not worth remembering


@dataclass(frozen=True, slots=True, order=True)
class EnhancedStatus:
    """An enhanced status code as three numbers; compares by them."""

    class_: int
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.class_}.{self.subject}.{self.detail}"

    @property
    def key(self) -> str:
        """Subject and detail, "1.1", as the registry lists them for all classes."""
        return f"{self.subject}.{self.detail}"

    @property
    def specificity(self) -> int:
        """How much the code says: 0 for X.0.0, 1 for X.Y.0, 2 for X.Y.Z."""
        return 2 if self.detail else 1 if self.subject else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnhancedCode:
    """What an enhanced status code means."""

    code: str  # as asked for, "5.1.1"
    key: str  # the row that answers, "X.1.1"; another than asked for when the detail or subject is not registered
    class_: int
    title: str
    meaning: str
    about: About
    reason: Reason | None  # what the code alone suggests; None where it says nothing or reports success
    hard: bool | None  # what the code alone says of the address; None: the text must decide
    defined_in: str
    reply_codes: tuple[str, ...]  # those that the registry pairs it with
    registered: bool  # the subject and detail are in the registry
    measured: tuple[int, int] | None  # of so many labelled replies with it, so many told of a dead address


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCode:
    """What an SMTP reply code means."""

    code: str
    title: str
    meaning: str
    context: str  # the commands that it answers
    defined_in: str
    standing: str  # standard, registered, deprecated, experimental, draft, vendor, non-standard
    reason: Reason | None
    hard: bool | None
    measured: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMeaning:
    """A sense that a list or a system gives to a code against the registry, or beside it."""

    code: str
    meaning: str
    used_by: str
    note: str
    reason: Reason | None


def parse_enhanced(text: str) -> EnhancedStatus | None:
    """Return the enhanced code that `text` is, spaces and a comment behind it aside; None for anything else.

    The class is 2, 4 or 5 (RFC 3463 section 2).  Leading zeros, which RFC 3464 section 2.3.4 forbids, are not accepted.
    """
    return _parsed(text) if len(text) <= _LONGEST_CODE else _parse(text)


def _parse(text: str) -> EnhancedStatus | None:
    words = text.split(None, 1)
    match = _FORM.fullmatch(words[0]) if words else None
    if not match or match[1] not in "245" or any(part != str(int(part)) for part in match.groups()[1:]):
        return None
    return EnhancedStatus(*(int(part) for part in match.groups()))


_parsed = lru_cache(maxsize=1024)(_parse)


def class_(code: str | None) -> int | None:
    """Return the class of an enhanced code or a reply code: its first digit; None where there is no code."""
    return int(code[0]) if code and code[0] in "2345" else None


def is_registered(code: str) -> bool:
    """Whether an enhanced or a reply code is in the registry or in an RFC."""
    if "." in code:
        row = enhanced(code)
        return row is not None and row.registered
    reply = _replies().get(code)
    return reply is not None and reply.standing in {"standard", "registered", "deprecated"}


def enhanced(code: str) -> EnhancedCode | None:
    """Return the meaning of an enhanced code, falling back from its detail to its subject to its class.

    None when `code` is no enhanced code at all.
    """
    return _enhanced(code)


@cache
def _enhanced_rows() -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in _data("enhanced_codes.json")["codes"]}


@cache
def _measured() -> dict[str, tuple[int, int]]:
    return {code: (seen, dead) for code, (seen, dead) in _data("enhanced_codes.json")["measured"].items()}


def _enhanced(code: str) -> EnhancedCode | None:
    asked = parse_enhanced(code)
    if asked is None:
        return None
    return _lookup(asked)


def _lookup(asked: EnhancedStatus) -> EnhancedCode:
    rows = _enhanced_rows()
    key = next(key for key in (asked.key, f"{asked.subject}.0", "0.0") if key in rows)
    row = rows[key]
    success = asked.class_ not in {4, _DEAD_CLASS}
    reason = None if success or row["reason"] is None else Reason(row["reason"])
    hard: bool | None = None
    if reason is not None:
        hard = _HARD[row["hard"]] if asked.class_ == _DEAD_CLASS else False
        if key != asked.key and hard:  # an unregistered detail is no proof
            hard = None
    return EnhancedCode(
        code=str(asked),
        key=f"X.{key}",
        class_=asked.class_,
        title=row["title"],
        meaning=row["meaning"],
        about=About(row["about"]),
        reason=reason,
        hard=hard,
        defined_in=row["defined_in"],
        reply_codes=tuple(row["reply_codes"]),
        registered=key == asked.key,
        measured=_measured().get(str(asked)),
    )


def reply_code(code: str) -> ReplyCode | None:
    """Return the meaning of a reply code; an unknown one is taken by its first digit (RFC 5321 section 4.3.2).

    None when `code` is no reply code: not three digits, or a first digit other than 2 to 5.
    """
    if len(code) != 3 or not (code.isascii() and code.isdigit()) or code[0] not in "2345":  # noqa: PLR2004 - three digits
        return None
    if code[0] == "4" and code[1] not in "234567":  # 404 and its kind are HTTP's
        return None
    return _replies().get(code) or ReplyCode(
        code=code,
        title=_CLASSES[code[0]],
        meaning="This code is not defined; its first digit says that much.",
        context="any",
        defined_in="none",
        standing="non-standard",
        reason=None,
        hard=False if code[0] == "4" else None,
        measured=None,
    )


_CLASSES = {"2": "Success", "3": "Go on", "4": "Temporary failure", "5": "Permanent failure"}


@cache
def _replies() -> dict[str, ReplyCode]:
    data = _data("reply_codes.json")
    measured = data["measured"]
    return {
        row["code"]: ReplyCode(
            **(row | {"reason": Reason(row["reason"]) if row["reason"] else None, "hard": _HARD[row["hard"]]}),
            measured=tuple(measured[row["code"]]) if row["code"] in measured else None,
        )
        for row in data["codes"]
    }


def all_enhanced() -> tuple[EnhancedCode, ...]:
    """Every registered subject and detail, shown in class 5."""
    found = (_enhanced(f"5.{key}") for key in _enhanced_rows())
    return tuple(row for row in found if row is not None)


def all_replies() -> tuple[ReplyCode, ...]:
    """Every reply code of the table, in order."""
    return tuple(_replies().values())


@cache
def other_meanings(code: str) -> tuple[OtherMeaning, ...]:
    """Return the senses that lists and systems give to `code` ("5.5.0", also "1.0.1", which is no code at all)."""
    return tuple(
        OtherMeaning(**(row | {"reason": Reason(row["reason"]) if row["reason"] else None}))
        for row in _data("other_meanings.json")
        if row["code"] == code
    )


@cache
def _data(name: str) -> Any:  # noqa: ANN401 - JSON of a known shape
    return json.loads(files("dsnparse.smtp").joinpath(name).read_text("utf-8"))

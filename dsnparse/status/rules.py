"""Rules: rows of phrases and codes that name a reason, and which of them fires for a text.

The first row that fits wins: a user's own rows, then the providers', then the general ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dsnparse.model import Reason
from dsnparse.status.index import Index, with_pairs
from dsnparse.status.matching import Matchers
from dsnparse.status.recent import Recent
from dsnparse.status.words import cut, normal_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from dsnparse.status.index import Key

__all__ = ["Facts", "Hit", "Rule", "Rules", "builtin", "facts"]

CONDEMNING = frozenset(
    {Reason.USER_UNKNOWN, Reason.MAILBOX_DISABLED, Reason.MAILBOX_MOVED, Reason.DOMAIN_NOT_FOUND, Reason.DOMAIN_NO_MAIL}
)


_LONG = 1000  # characters of words that are not remembered
_REMEMBERED = 256


class Facts:
    """What rules are matched against; `facts` makes it."""

    __slots__ = ("_keys", "_parted", "code", "raw", "raw_keys", "statuses", "words")

    def __init__(self, parted: list[str], raw_keys: list[str], code: str | None, statuses: tuple[str, ...]) -> None:
        """`parted`: the words in normal form, without URLs, addresses and host names; `raw_keys`: all of them."""
        self.words = f" {' '.join(parted)} "
        self.raw = self.words if raw_keys is parted else f" {' '.join(raw_keys)} "  # for signatures
        self.raw_keys = raw_keys
        self.code = code
        self.statuses = statuses  # every enhanced code stated, the one in effect first
        self._parted = parted
        self._keys: AbstractSet[Key] | None = None

    @property
    def words_keys(self) -> AbstractSet[Key]:
        """The words and their pairs, by which phrases are looked up."""
        if self._keys is None:
            self._keys = with_pairs(self._parted)
        return self._keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row, in the form in which it is matched: phrases are normal and carry the spaces that bound their words."""

    id: str
    reason: Reason
    any: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    in_order: tuple[tuple[str, ...], ...] = ()
    within: int = 40  # characters at most between one group of `in_order` and the next
    none: tuple[str, ...] = ()
    none_between: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    veto: bool = False  # names no reason by itself; forbids that the address is called dead
    weak: bool = False  # words so general that a specific status code says more
    provenance: str = "recalled"
    source: str = ""
    example: str = ""
    origin: str = "dsnparse"  # or the user's file


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule and the words that it fired on."""

    rule: Rule
    evidence: str


class Rules:
    """Rows in the order in which they are asked."""

    def __init__(self, rows: Iterable[Rule]) -> None:
        """Index `rows`; vetoes are kept apart."""
        everything = tuple(rows)
        self.rows = tuple(row for row in everything if not row.veto)
        self.vetoes = tuple(row for row in everything if row.veto)
        self._index = Index(self.rows)
        self._veto_index = Index(self.vetoes)
        self._matchers = Matchers(self.rows)
        self._veto_matchers = Matchers(self.vetoes)
        self.recent: Recent[Any] = Recent(_REMEMBERED)  # of dsnparse.status.finding

    def matches(self, facts: Facts) -> Iterator[Hit]:
        """Return the rule that fires, then every other that would have."""
        return _matches(self._matchers, self._index.candidates(facts), facts)

    def signs(self, facts: Facts) -> Hashable | None:
        """Return all that decides which rows fire, for texts that are worth remembering; None for the others."""
        if len(facts.words) > _LONG or not facts.raw.isascii():
            return None
        signatures = (self._index.signatures(facts), self._veto_index.signatures(facts))
        return (facts.words, facts.code, facts.statuses, signatures)

    def veto(self, facts: Facts) -> Hit | None:
        """Return the words that forbid a hard verdict, if any."""
        return next(_matches(self._veto_matchers, self._veto_index.candidates(facts), facts), None)

    def by_code(self, facts: Facts) -> Hit | None:
        """Return the first row that asks for codes only and fits."""
        return next(_matches(self._matchers, self._index.by_code, facts), None)


def _matches(matchers: Matchers, candidates: Iterable[tuple[int, str]], facts: Facts) -> Iterator[Hit]:
    for number, found in candidates:
        matcher = matchers[number]
        evidence = matcher.match(facts, found)
        if evidence is not None:
            yield Hit(matcher.rule, evidence)


def facts(text: str, *, whole: str | None = None, code: str | None = None, statuses: tuple[str, ...] = ()) -> Facts:
    """Return the facts of `text`; signatures are looked for in `whole`, the text that it was taken from."""
    whole = text if whole is None else whole
    shorter = cut(text)
    words = normal_words(shorter)
    raw = words if shorter == whole else normal_words(whole)
    return Facts(words, raw, code, statuses)


def rule_of(row: dict[str, Any], origin: str = "dsnparse") -> Rule:
    """Return a Rule of a compiled row."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    fields["reason"] = Reason(row["reason"])
    if "in_order" in row:
        fields["in_order"] = tuple(tuple(group) for group in row["in_order"])
    return Rule(**fields, origin=origin)


@cache
def compiled() -> dict[str, Any]:
    """Say what `python -m dsnparse.status.compile` wrote."""
    data: dict[str, Any] = json.loads(files("dsnparse.status").joinpath("compiled.json").read_text("utf-8"))
    return data


@cache
def builtin() -> Rules:
    """Return the rules that dsnparse ships."""
    return Rules(rule_of(row) for row in compiled()["rules"])

"""Whether a row fires for a text: its conditions in the form in which they are quickest to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsnparse.status.index import Phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.status.rules import Facts, Rule

__all__ = ["Matcher", "Matchers"]


class Matcher:
    """A rule, ready to be matched."""

    __slots__ = ("_any", "_groups", "_none", "rule")

    def __init__(self, rule: Rule) -> None:
        """Index the phrases of the conditions that hold many."""
        self.rule = rule
        self._any = rule.any if rule.signature else ()  # of a row without a signature the index has found one
        self._none = Phrases(rule.none) if rule.none else None
        self._groups = tuple(map(Phrases, rule.in_order))

    def match(self, facts: Facts, found: str) -> str | None:  # noqa: PLR0911 - one for each condition
        """Return the words that the rule fires on, the code where it has no words, or None when it does not fire.

        `found` is the phrase of its first condition by which the index came upon it.
        """
        rule = self.rule
        if rule.code and facts.code not in rule.code:
            return None
        if rule.status and not any(status in rule.status for status in facts.statuses):
            return None
        evidence = found
        if self._any:
            evidence = next((phrase for phrase in self._any if phrase in facts.words), "")
            if not evidence:
                return None
        if rule.alone and facts.words not in rule.alone:
            return None
        if self._groups:
            evidence = self._stretch(facts)
            if not evidence:
                return None
        if self._none and self._none.standing(facts):
            return None
        return evidence.strip() or next(iter(s for s in facts.statuses if s in rule.status), None) or facts.code or ""

    def _stretch(self, facts: Facts) -> str:
        """Return the words from the first phrase of `in_order` to the last; empty where they do not stand so."""
        groups = []
        for group in self._groups:
            standing = group.standing(facts)
            if not standing:
                return ""
            groups.append(standing)
        span = _ordered(facts.words, groups, self.rule.within)
        found = facts.words[span[0] : span[1]] if span else ""
        return "" if any(phrase in found for phrase in self.rule.none_between) else found


def _ordered(words: str, groups: Sequence[Sequence[str]], within: int) -> tuple[int, int] | None:
    """Where one phrase of each group stands in `words`, in the order of the groups; the whole span, or None."""
    for phrase in groups[0]:
        start = words.find(phrase)
        while start >= 0:
            end: int | None = start + len(phrase)
            for group in groups[1:]:
                end = _next(words, group, (end or 1) - 1, within)
                if end is None:
                    break
            if end is not None:
                return start, end
            start = words.find(phrase, start + 1)
    return None


def _next(words: str, group: Sequence[str], start: int, within: int) -> int | None:
    ends = (
        at + len(phrase) for phrase in group if (at := words.find(phrase, start, start + within + len(phrase))) >= 0
    )
    return min(ends, default=None)


class Matchers(dict[int, Matcher]):
    """The matchers of rows by their number, each made when it is first asked for: most never are."""

    def __init__(self, rows: Sequence[Rule]) -> None:
        """Keep the rows."""
        super().__init__()
        self._rows = rows

    def __missing__(self, number: int) -> Matcher:
        """Make the matcher."""
        made = self[number] = Matcher(self._rows[number])
        return made

"""From what a block states to what it means: reason, hard or soft, what to do next."""

from __future__ import annotations

from dsnparse.status.evidence import complete, effective_status
from dsnparse.status.retry import ReasonFacts, reason_facts, schedule, stated_delay, vocabularies, vocabulary
from dsnparse.status.rules import Hit, Rule, Rules, builtin
from dsnparse.status.source import load_rules
from dsnparse.status.verdict import firing, judge

__all__ = [
    "Hit",
    "ReasonFacts",
    "Rule",
    "Rules",
    "builtin",
    "complete",
    "effective_status",
    "firing",
    "judge",
    "load_rules",
    "reason_facts",
    "schedule",
    "stated_delay",
    "vocabularies",
    "vocabulary",
]

"""From what a block states to what it means: reason, hard or soft, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsnparse.status.evidence import complete, effective_status
from dsnparse.status.finding import firing
from dsnparse.status.retry import ReasonFacts, reason_facts, schedule, stated_delay, vocabularies, vocabulary
from dsnparse.status.rules import Hit, Rule, Rules, builtin
from dsnparse.status.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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


def load_rules(paths: Sequence[Path]) -> Rules:
    """Return the rules of these files, in this order, in front of the built-in ones.

    Raises RulesError, which names the file, the row and the fault, also when a file cannot be read.
    """
    from dsnparse.status.source import load_rules as load  # noqa: PLC0415 - TOML is read only for a user's own rules

    return load(paths)

"""The tables of `dsnparse explain --list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsnparse.cli.rows import json_line
from dsnparse.cli.table import Table
from dsnparse.model import Reason
from dsnparse.smtp.codes import all_enhanced, all_replies, other_meanings
from dsnparse.status import reason_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.cli.output import Output

__all__ = ["write_table"]


def write_table(name: str, output: Output, *, as_json: bool) -> None:
    """Write the table of `codes` or `reasons`."""
    rows = list(_codes() if name == "codes" else _reasons())
    if as_json:
        for row in rows:
            output.write(json_line(row))
        return
    shown = ("code", "reason", "title") if name == "codes" else ("reason", "about", "meaning")
    table = Table(output, shown)
    for row in rows:
        table.row([row[column] for column in shown])
    table.flush()


def _codes() -> Iterator[dict[str, Any]]:
    """Yield every registered enhanced code, its class as X, then every reply code."""
    for row in all_enhanced():
        others = [each for class_ in "45" for each in other_meanings(f"{class_}{row.key[1:]}")]
        yield {
            "code": row.key,
            "reason": row.reason,
            "title": row.title,
            "meaning": row.meaning,
            "defined_in": row.defined_in,
            "other_meanings": [f"{each.code} ({each.used_by}): {each.meaning}" for each in others],
        }
    for reply in all_replies():
        yield {
            "code": reply.code,
            "reason": reply.reason,
            "title": reply.title,
            "meaning": reply.meaning,
            "defined_in": reply.defined_in,
            "other_meanings": [],
        }


def _reasons() -> Iterator[dict[str, Any]]:
    for reason in Reason:
        facts = reason_facts(reason)
        yield {
            "reason": reason,
            "about": facts.about,
            "meaning": facts.meaning,
            "sender_should": facts.sender_should,
            "recipient_should": facts.recipient_should,
        }

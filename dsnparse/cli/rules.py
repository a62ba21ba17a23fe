"""`dsnparse rules`: the rules that name a reason, and files of your own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dsnparse.cli.group import Exit
from dsnparse.cli.options import rules_option
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.plain import bold
from dsnparse.cli.rows import json_line
from dsnparse.cli.table import Table
from dsnparse.errors import RulesError
from dsnparse.model import Block
from dsnparse.smtp.reply import read
from dsnparse.status import builtin, firing, judge, load_rules
from dsnparse.status.rules import facts
from dsnparse.text.decode import decode_charset
from dsnparse.text.limits import MAX_TEXT_SCANNED

if TYPE_CHECKING:
    from dsnparse.model import Verdict
    from dsnparse.status import Hit, Rule, Rules

__all__ = ["command"]

_CONDITIONS: Final = ("signature", "any", "alone", "in_order", "code", "status", "none", "none_between")
_SHOWN: Final = 3  # phrases of a condition that the table shows


@click.group(
    "rules",
    epilog="""
    \b
    Examples:
      dsnparse rules list | grep google
      dsnparse rules test '554 5.7.1 Service unavailable; client host blocked'
      dsnparse rules check my-rules.toml
      dsnparse rules test --rules my-rules.toml '550 no customer of ours'
      dsnparse parse --rules my-rules.toml ~/Maildir

    docs/rules.md tells how a verdict is reached, and what a rule holds.
    """,
)
def command() -> None:
    """Look at the rules that turn a mail server's words into a reason, and check your own."""


@command.command("list", short_help="Print the rules.")
@rules_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each rule, with all of its phrases.")
def list_rules(rules: Rules | None, *, as_json: bool) -> int:
    """Print every rule in the order in which they are asked; the vetoes, which forbid a hard verdict, come last."""
    output = Output(Progress(quiet=True))
    asked = rules or builtin()
    table = Table(output, ("id", "reason", "provenance", "condition"))
    for rule in (*asked.rows, *asked.vetoes):
        if as_json:
            output.write(json_line(_row(rule)))
        else:
            reason = "veto" if rule.veto else rule.reason.value
            table.row((rule.id, reason, rule.provenance, _condition(rule)))
    table.flush()
    return Exit.FINE


@command.command("check", short_help="Check files of your own rules.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[str, ...]) -> int:
    """Check files of your own rules: exit 0 if all rows are fine, else 2 with the file, the row and the fault.

    Where a row has an example, the row itself must be the one that fires on it.
    """
    paths = [Path(file) for file in files]
    rules = load_rules(paths)
    own = [rule for rule in (*rules.rows, *rules.vetoes) if rule.origin in set(map(str, paths))]
    for rule in own:
        _check_example(rule, rules)
    output = Output(Progress(quiet=True))
    output.write(f"{len(own)} row{'s are' if len(own) != 1 else ' is'} fine\n")
    return Exit.FINE


@command.command("test", short_help="Show which rule fires on a text, and which others would.")
@click.argument("words", nargs=-1, required=True, metavar="TEXT | -")
@rules_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def test(words: tuple[str, ...], rules: Rules | None, *, as_json: bool) -> int:
    """Show which rule fires on a mail server's reply, on which words, and which others would have.

    - reads the reply from standard input.
    """
    text = " ".join(words)
    if text == "-":
        text = decode_charset(sys.stdin.buffer.read(MAX_TEXT_SCANNED))
    asked = rules or builtin()
    verdict = judge(Block(diagnostic=text), rules=asked)
    hits = firing(text, rules=asked)
    veto = asked.veto(facts(read(text).text, whole=text))
    output = Output(Progress(quiet=True))
    if as_json:
        output.write(json_line(_answer(verdict, hits, veto)))
    else:
        _write_answer(output, verdict, hits, veto)
    return Exit.FINE


def _row(rule: Rule) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": rule.id,
        "reason": rule.reason,
        "veto": rule.veto,
        "weak": rule.weak,
        "provenance": rule.provenance,
        "source": rule.source,
        "example": rule.example,
        "origin": rule.origin,
    }
    return row | {name: _phrases(rule, name) for name in _CONDITIONS if getattr(rule, name)}


def _phrases(rule: Rule, name: str) -> list[Any]:
    """Return the phrases of a condition as people write them; an open end of a word is `*` again."""
    groups: tuple[Any, ...] = getattr(rule, name)
    if name == "in_order":
        return [[_phrase(each) for each in group] for group in groups]
    return [each if name in {"code", "status"} else _phrase(each) for each in groups]


def _phrase(text: str) -> str:
    return f"{'' if text.startswith(' ') else '*'}{text.strip()}{'' if text.endswith(' ') else '*'}"


def _condition(rule: Rule) -> str:
    parts = []
    for name in _CONDITIONS:
        phrases = _phrases(rule, name)
        if name == "in_order":
            phrases = [_brief(group) for group in phrases]
        if phrases:
            parts.append(f"{name}: {_brief(phrases, ' > ' if name == 'in_order' else ' | ')}")
    return "; ".join(parts)


def _brief(phrases: list[str], sign: str = " | ") -> str:
    more = len(phrases) - _SHOWN
    return sign.join(phrases[:_SHOWN]) + (f" (+{more})" if more > 0 else "")


def _check_example(rule: Rule, rules: Rules) -> None:
    """Raise RulesError where a row's own example does not fire it."""
    if not rule.example:
        return
    if rule.veto:
        hit = rules.veto(facts(read(rule.example).text, whole=rule.example))
        fired = hit.rule if hit else None
    else:
        hits = firing(rule.example, rules=rules)
        fired = hits[0].rule if hits else None
    if fired is not rule:
        instead = f"fires {fired.id} ({fired.origin})" if fired else "fires no rule"
        problem = f"{rule.origin}: rule {rule.id}: its example {instead}"
        raise RulesError(problem)


def _answer(verdict: Verdict, hits: tuple[Hit, ...], veto: Hit | None) -> dict[str, Any]:
    return {
        "rule": verdict.rule,
        "evidence": verdict.evidence,
        "reason": verdict.reason,
        "bounce_type": verdict.bounce_type,
        "confidence": verdict.confidence,
        "veto": veto and _hit(veto),
        "others": [_hit(hit) for hit in hits if hit.rule.id != verdict.rule],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    rule = hit.rule
    return {"rule": rule.id, "evidence": hit.evidence, "reason": rule.reason, "origin": rule.origin}


def _write_answer(output: Output, verdict: Verdict, hits: tuple[Hit, ...], veto: Hit | None) -> None:
    named = next((hit for hit in hits if hit.rule.id == verdict.rule), None)
    if verdict.rule is None:
        output.write("no rule fires, and the codes say nothing\n")
    else:
        words = f'  on "{printable(verdict.evidence)}"' if verdict.evidence else ""
        output.write(f"{bold(verdict.rule)}  {verdict.reason}  {verdict.bounce_type or '-'}{words}\n")
        if named is None:
            output.write("  no rule knows the words: the code decides\n")
        else:
            output.write(f"  {printable(_condition(named.rule))}\n")
            output.write(f"  {printable(named.rule.provenance)}: {printable(named.rule.source or named.rule.origin)}\n")
    if veto is not None:
        output.write(f'\nnever hard, because of the veto {veto.rule.id}  on "{printable(veto.evidence)}"\n')
    others = [hit for hit in hits if hit is not named]
    if others:
        output.write("\nwould have fired too, in this order:\n")
        for hit in others:
            output.write(f'  {hit.rule.id}  {hit.rule.reason}  on "{printable(hit.evidence)}"\n')

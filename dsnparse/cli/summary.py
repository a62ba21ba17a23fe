"""What a run came to, in words, and what to do next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from dsnparse.adapters import Outcome
from dsnparse.cli.group import Exit
from dsnparse.cli.output import printable
from dsnparse.ledger import State
from dsnparse.model import Kind, Wanted

if TYPE_CHECKING:
    from dsnparse.config import Config
    from dsnparse.pipeline import Summary
    from dsnparse.policy import Storm

__all__ = ["exit_code", "hints", "totals"]


def totals(summary: Summary) -> str:
    """Return the counts, a line each."""
    rows: list[tuple[str, object]] = [
        ("mails read", f"{summary.read}" + (f"  ({summary.known} of them by earlier runs)" if summary.known else "")),
        ("bounces", summary.kinds[Kind.BOUNCE]),
        ("failures", f"{summary.new_events} new"),
        ("to be disabled", summary.decided[Wanted.DISABLE]),
        ("to be removed", summary.decided[Wanted.REMOVE]),
        ("held for a person", summary.held),
        ("not understood", summary.states[State.NOT_UNDERSTOOD]),
        ("letters, complaints", summary.states[State.PERSON]),
    ]
    optional = [
        ("to be put back", summary.decided[Wanted.RESTORE]),
        ("not ripe yet", summary.ripening),
        ("disabled", summary.acted[Wanted.DISABLE]),
        ("removed", summary.acted[Wanted.REMOVE]),
        ("put back", summary.acted[Wanted.RESTORE]),
        ("moved to cur/", summary.moved),
        ("left by earlier runs", summary.left),
        ("older than the ledger", summary.old),
        ("could not be read", summary.unreadable),
    ]
    rows += [(name, value) for name, value in optional if value]
    return "\n" + "".join(f"{name:<22}{value}\n" for name, value in rows)


def hints(summary: Summary, config: Config) -> str:
    """Tell what to do next, with the command line to do it."""
    lines = [f"Bad day: {storm.why}.  {_back(storm, acted)}" for storm, acted in summary.storms]
    if summary.held and summary.live:
        option = _option("config_path", "--config") + _option("ledger", "--ledger")
        lines.append(f"{summary.held} held for you to release or to drop: dsnparse holds list{option}")
    if summary.ripening:
        hours = int(config.policy.settle.total_seconds() // 3600)
        lines.append(f"{summary.ripening} wait until they are {hours} hours old; --no-settle acts at once.")
    if summary.unproven and (summary.ripe or summary.ripening):
        lines.append(
            "No report can show that it is true, so addresses are disabled and not removed: sign your return paths, or "
            "import what you sent (docs/return-path.md)."
        )
    if summary.untold:
        lines.append(f"{summary.untold} are told to nobody: no adapter takes their list, or it bears another name now.")
    if not summary.live:
        lines.append(f"Nothing was changed.  To act: {_again()}")
    if not config.adapters and (summary.ripe or summary.ripening):
        lines.append("No list is told of dead addresses: name a file for them with --suppress FILE, or set one up.")
    return "".join(f"{printable(line)}\n" for line in ["", *lines]) if lines else ""


def _back(storm: Storm, acted: int) -> str:
    """Tell what becomes of a storm's addresses."""
    kind, _, name = storm.group.partition(":")
    if not acted:
        return "Its addresses are held."
    which = f"--{kind} {shlex.quote(name)} "
    option = _option("config_path", "--config") + _option("ledger", "--ledger") + _option("suppress", "--suppress")
    since = storm.since.isoformat(timespec="seconds")
    return f"{acted} were acted on before.  To put them back: dsnparse ledger undo {which}--since {since}{option}"


def _option(name: str, option: str) -> str:
    """Return an option as it was given."""
    value = click.get_current_context().params.get(name)
    return "" if value is None else f" {option} {shlex.quote(value)}"


def _again() -> str:
    """Return the same command line with --live."""
    ctx = click.get_current_context()
    values = {**ctx.params, "live": True}
    words = ["run"]
    for parameter in ctx.command.params:
        value = values.get(parameter.name or "")
        if not isinstance(parameter, click.Option) or value is None or value is False or value == parameter.default:
            continue
        words += [max(parameter.opts, key=len), *([] if value is True else [str(value)])]
    words += ["--"] if any(path.startswith("-") and path != "-" for path in values["paths"]) else []
    return f"{ctx.find_root().info_name} {shlex.join([*words, *values['paths']])}"


def exit_code(summary: Summary) -> int:
    """Return what the run says to whoever started it."""
    outcomes = {answer.outcome for answer in summary.unsettled}
    if summary.failed_on:
        return Exit.BUG
    if Outcome.RETRY in outcomes:
        return Exit.AGAIN
    if outcomes:
        return Exit.USAGE
    person = summary.live and (
        summary.newly_held or summary.newly_listed or summary.unmoved or summary.storms or summary.untold
    )
    return Exit.PERSON if person or summary.unreadable else Exit.FINE

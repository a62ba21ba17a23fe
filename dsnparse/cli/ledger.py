"""`dsnparse ledger`: what is remembered, and taking it back."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from dsnparse.adapters.suppression import SuppressionFile
from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.rows import json_line
from dsnparse.cli.selecting import decision_row, named, narrow, opened, where_options
from dsnparse.config import Route
from dsnparse.ledger.people import Selection
from dsnparse.pipeline import Summary, act

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.config import Config
    from dsnparse.ledger.sqlite import SqliteLedger

__all__ = ["command"]


@click.group("ledger")
def command() -> None:
    """Look up what is remembered of an address, begin anew with it, take back what was done, forget it."""


@command.command("show")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@where_options
def show(config: Config, addresses: tuple[str, ...]) -> int:
    """Show what is known of addresses: failures, decisions, and what was done with its evidence.

    Without an address: how much is known.
    """
    output = Output(Progress(quiet=True))
    with opened(config) as store:
        if not addresses:
            for name, number in store.counts().items():
                output.write(f"{name:<24}{number}\n")
            return Exit.FINE
        known = False
        for address in addresses:
            lines = list(_lines(store, address))
            known |= bool(lines)
            output.write(f"{printable(address)}\n")
            for line in lines or ["nothing is known of it"]:
                output.write(f"  {printable(line)}\n")
    return Exit.FINE if known else Exit.PERSON


def _lines(store: SqliteLedger, address: str) -> Iterator[str]:
    """Yield what is known of an address, a line each."""
    selection = Selection(addresses=(address,))
    for event, cleared in store.events(selection):
        what = event.feedback_type or f"{event.bounce_type or 'failed'} {event.reason or 'undetermined'}"
        words = [f"{event.at:%Y-%m-%d %H:%M}", what, event.status or "", f"trust {event.trust}"]
        words += [f"list {event.list}"] if event.list else []
        words += ["cleared"] if cleared else []
        yield "  ".join(filter(None, words)) + (f'  "{event.diagnostic}"' if event.diagnostic else "")
    for decision, state, at in store.decisions(selection):
        held = f", held: {decision.held}" if decision.held and state == "open" else ""
        until = f", until {decision.until:%Y-%m-%d}" if decision.until else ""
        on = f" on {decision.list}" if decision.list else ""
        when = f"{at:%Y-%m-%d %H:%M}" if at else ""
        yield f"{when}  {decision.wanted}{on} ({state}{held}{until}): {decision.why}"
    for entry in store.journal(selection):
        when = f"{entry.at:%Y-%m-%d %H:%M}" if entry.at else ""
        where = f" by {entry.adapter}" if entry.adapter else ""
        yield f"{when}  {entry.decision.wanted} {entry.what}{where}" + (f": {entry.detail}" if entry.detail else "")
    wanted = store.was_forgotten(address)
    if wanted is not None:
        yield f"was forgotten; it was not to be mailed ({wanted})"


@command.command("export")
@click.option(
    "--what",
    type=click.Choice(["decisions", "events", "journal"]),
    default="decisions",
    show_default=True,
    help="What to write.",
)
@narrow
def export(config: Config, selection: Selection, what: str, *, everything: bool) -> int:  # noqa: ARG001 - all is what is written where nothing is named
    """Write JSON lines of all that is remembered, or of what the options name."""
    output = Output(Progress(quiet=True))
    with opened(config) as store:
        for row in _rows(store, selection, what):
            output.write(json_line(row))
    return Exit.FINE


def _rows(store: SqliteLedger, selection: Selection, what: str) -> Iterator[dict[str, Any]]:
    if what == "events":
        for event, cleared in store.events(selection):
            yield {**asdict(event), "at": event.at.isoformat(), "cleared": cleared}
    elif what == "journal":
        for entry in store.journal(selection):
            yield {
                "at": entry.at.isoformat() if entry.at else None,
                "what": entry.what,
                "adapter": entry.adapter,
                "detail": entry.detail,
                "decision": decision_row(entry.decision),
            }
    else:
        for decision, state, at in store.decisions(selection):
            yield {**decision_row(decision), "state": state, "decided_at": at.isoformat() if at else None}


@command.command("clear")
@narrow
def clear(config: Config, selection: Selection, *, everything: bool) -> int:
    """Let addresses begin anew: what failed counts no more, and what is decided but not done is given up.

    What lists were told stays as it is: `dsnparse ledger undo` takes that back.
    """
    with opened(config, change=True) as store:
        cleared = store.clear(named(selection, everything=everything), datetime.now(UTC))
    return _told("cleared", [f"{address}  {each}".rstrip() for address, each in cleared])


@command.command("undo")
@narrow
@click.option("--suppress", metavar="FILE", help="Take them out of FILE too, as `dsnparse run --suppress` named it.")
def undo(config: Config, selection: Selection, suppress: str | None, *, everything: bool) -> int:
    """Take back what was done: put addresses back on their lists, as far as each system allows it.

    Only what dsnparse itself did is taken back: who was off the list before stays off.  What the address failed with
    counts no more.

    \b
      dsnparse ledger undo alice@example.org
      dsnparse ledger undo --domain example.net --since 2d
    """  # noqa: D301 - click wants the backspace itself
    if suppress is not None:
        config = replace(config, adapters=(*config.adapters, Route(adapter=SuppressionFile(suppress))))
    summary = Summary(live=True)
    now = datetime.now(UTC)
    with opened(config, change=True) as store:
        restores = store.undo(named(selection, everything=everything), now)
        act(store, config.adapters, summary, now)
        owing = store.owing(restores)
    code = _told("taken back", [f"{restore.address}  {restore.list}".rstrip() for restore in restores])
    left = [(number, answer.detail or answer.outcome.value) for answer, number in summary.unsettled.items()]
    left += [(number, f"{name} is not in the settings, nor named by --suppress") for name, number in owing.items()]
    for number, why in left:
        Output(Progress(quiet=True)).write(f"not put back: {number}  {printable(why)}\n")
    return Exit.PERSON if left else code


@command.command("forget")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@where_options
def forget(config: Config, addresses: tuple[str, ...]) -> int:
    """Drop everything that is known of addresses, as their owners may ask for.

    Of one that is not to be mailed a keyed hash stays, so that it is held when it comes back.  Files and lists that
    were told of an address keep it.
    """
    with opened(config, change=True) as store:
        known = store.forget(addresses, datetime.now(UTC))
    Output(Progress(quiet=True)).write(f"forgotten: {known}\n")
    return Exit.FINE if known else Exit.PERSON


def _told(what: str, names: list[str]) -> int:
    output = Output(Progress(quiet=True))
    for name in names:
        output.write(f"{what}  {printable(name)}\n")
    if not names:
        output.write("nothing matches\n")
    return Exit.FINE if names else Exit.PERSON

"""`dsnparse holds`: what guards stopped, for a person to release or to drop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.rows import json_line
from dsnparse.cli.selecting import decision_row, named, narrow, opened, where_options
from dsnparse.cli.table import Table
from dsnparse.model import Guard

if TYPE_CHECKING:
    from dsnparse.config import Config
    from dsnparse.ledger.people import Selection

__all__ = ["command"]

_guard = click.option(
    "--guard", type=click.Choice([guard.value for guard in Guard]), help="Those that this guard holds."
)


@click.group("holds")
def command() -> None:
    """Decisions that a guard stopped wait here for a person.

    \b
    trust      nothing shows that the report answers our own mail
    alias      mail for the address goes on to somebody else, who is dead
    system     the address of a mail system
    protected  an owner, a moderator, or named in the settings
    storm      its domain, or the organisation that refused, had a bad day
    cap        more than may be done in one day
    """  # noqa: D301 - click wants the backspace itself


@command.command("list")
@where_options
@_guard
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each.")
def list_(config: Config, guard: str | None, *, as_json: bool) -> int:
    """List what is held and why, and the bad days that are not believed."""
    output = Output(Progress(quiet=True))
    table = Table(output, ("address", "list", "wanted", "held", "since", "why"))
    with opened(config) as store:
        for decision in store.held():
            if guard is not None and decision.held != guard:
                continue
            if as_json:
                output.write(json_line(decision_row(decision)))
                continue
            at = decision.event.at.strftime("%Y-%m-%d")
            table.row((decision.address, decision.list, decision.wanted, decision.held, at, decision.why))
        table.flush()
        for storm in () if as_json else store.storms():
            span = f"{storm.since:%Y-%m-%d %H:%M} to {storm.until:%Y-%m-%d %H:%M}"
            output.write(f"{printable(f'bad day  {storm.group}  {span}: {storm.why}')}\n")
    return Exit.FINE


@command.command("release")
@narrow
@_guard
@click.option("--storm", metavar="GROUP", help="A bad day that was true after all, as `list` names it: domain:NAME.")
def release(config: Config, selection: Selection, guard: str | None, storm: str | None, *, everything: bool) -> int:
    """Let held decisions go: the next `dsnparse run --live` carries them out, and no guard stops them again.

    With --storm the failures of that domain or organisation count from now on; guards and caps then look at them anew.
    """
    output = Output(Progress(quiet=True))
    with opened(config, change=True) as store:
        if storm is not None:
            number = store.release_storm(storm, datetime.now(UTC))
            output.write(f"{number} bad days released: {printable(storm)}\n")
            return Exit.FINE if number else Exit.PERSON
        released = store.release(_held(selection, guard, everything=everything), datetime.now(UTC))
    for decision in released:
        output.write(f"released  {printable(f'{decision.address}  {decision.list}')}".rstrip() + "\n")
    return _told(output, len(released))


@command.command("drop")
@narrow
@_guard
def drop(config: Config, selection: Selection, guard: str | None, *, everything: bool) -> int:
    """Give held decisions up: nobody is told of them, and the failures that they rest on count no more."""
    output = Output(Progress(quiet=True))
    selection = _held(selection, guard, everything=everything)
    with opened(config, change=True) as store:
        dropped = store.drop(selection, datetime.now(UTC))
    for decision in dropped:
        output.write(f"dropped  {printable(f'{decision.address}  {decision.list}')}".rstrip() + "\n")
    return _told(output, len(dropped))


def _held(selection: Selection, guard: str | None, *, everything: bool) -> Selection:
    selection = replace(selection, guard=None if guard is None else Guard(guard))
    return named(selection, everything=everything)


def _told(output: Output, number: int) -> int:
    if not number:
        output.write("nothing that is held matches\n")
    return Exit.FINE if number else Exit.PERSON

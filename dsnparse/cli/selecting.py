"""What the commands on the ledger share: opening it, and saying which addresses are meant."""

from __future__ import annotations

import contextlib
import re
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsnparse.adapters import checked
from dsnparse.config import default, load
from dsnparse.errors import ConfigError
from dsnparse.ledger.people import Selection
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.settings import duration, find

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsnparse.config import Config
    from dsnparse.model import Decision

__all__ = ["decision_row", "named", "narrow", "opened", "where_options"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def where_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say where the ledger lies; the command gets them as `config`."""

    @wraps(command)
    def wrapped(*, config_path: str | None, ledger: str | None, **more: object) -> int:
        file = find(config_path)
        config = load(file) if file else default()
        return command(config=config if ledger is None else replace(config, ledger=ledger), **more)

    options = (
        click.option("--ledger", metavar="FILE", help="The ledger, in place of the one that the settings name."),
        click.option("--config", "config_path", metavar="FILE", help="The settings (see dsnparse config --help)."),
    )
    return _with(wrapped, options)


def narrow(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say which addresses are meant; the command gets them as `selection`, besides `config`."""

    @wraps(command)
    def wrapped(  # noqa: PLR0913 - one parameter for each option
        *,
        addresses: tuple[str, ...],
        domain: str | None,
        organisation: str | None,
        on: str | None,
        since: str | None,
        everything: bool,
        **more: object,
    ) -> int:
        for address in addresses:
            if checked(address) is None:
                problem = f"{address!r} is no plain address"
                raise click.BadParameter(problem)
        time = None if since is None else _since(since)
        selection = Selection(addresses=addresses, domain=domain, organisation=organisation, on=on, since=time)
        return command(selection=selection, everything=everything, **more)

    options = (
        click.argument("addresses", nargs=-1, metavar="[ADDRESS]..."),
        click.option("--domain", metavar="DOMAIN", help="Those of this domain."),
        click.option("--organisation", metavar="NAME", help="Those that this organisation's servers refused."),
        click.option("--list", "on", metavar="NAME", help="Those of this list."),
        click.option("--since", metavar="TIME", help="What was decided since: 2026-01-31, or 12h, 3d ago."),
        click.option("--all", "everything", is_flag=True, help="All of them."),
    )
    return _with(where_options(wrapped), options)


def _with(
    command: Callable[..., int], options: Sequence[Callable[[Callable[..., int]], Callable[..., int]]]
) -> Callable[..., int]:
    for option in reversed(options):
        command = option(command)
    return command


def named(selection: Selection, *, everything: bool) -> Selection:
    """Return a selection that names something; raises UsageError where it would be everything by mistake."""
    if selection == Selection() and not everything:
        problem = "name addresses, or --domain, --list, --since, or --all"
        raise click.UsageError(problem)
    return selection


def opened(config: Config, *, change: bool = False) -> contextlib.AbstractContextManager[SqliteLedger]:
    """Open the ledger, a private copy where nothing is to be changed; raises ConfigError where there is none."""
    if not Path(config.ledger).exists():
        problem = f"{config.ledger}: there is no such ledger"
        raise ConfigError(problem)
    return SqliteLedger.open(config.ledger) if change else SqliteLedger.copy(config.ledger)


def _since(text: str) -> datetime:
    """Return a time: a date, or so long ago."""
    ago: timedelta | None = duration(text)
    if ago is not None:
        return datetime.now(UTC) - ago
    with contextlib.suppress(ValueError):
        if _DATE.fullmatch(text):
            time = datetime.fromisoformat(text)
            return time if time.tzinfo else time.astimezone()
    problem = f"{text!r} is no time such as 2026-01-31, 12h or 3d"
    raise click.BadParameter(problem)


def decision_row(decision: Decision) -> dict[str, Any]:
    """Return a decision for JSON."""
    return {
        "id": decision.id,
        "address": decision.address,
        "list": decision.list or None,
        "wanted": decision.wanted,
        "held": decision.held,
        "why": decision.why,
        "until": _time(decision.until),
        "ripe_at": _time(decision.ripe_at),
        "event": {name: _time(value) if name == "at" else value for name, value in asdict(decision.event).items()},
    }


def _time(time: object) -> object:
    return time.isoformat() if isinstance(time, datetime) else time

"""`dsnparse doctor`: whether everything is there that a run needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from dsnparse.cli.checks import Check, State, checks
from dsnparse.cli.config import config_option
from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.rows import json_line
from dsnparse.config import default, load
from dsnparse.errors import ConfigError
from dsnparse.settings import find

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command"]


@click.command(
    "doctor",
    epilog="""
    \b
    Examples:
      dsnparse doctor
      sudo -u lists dsnparse doctor --config /etc/dsnparse/config.toml

    Exit codes: 0 fine, or only warnings; 2 something fails.
    """,
)
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each check.")
def command(config_path: str | None, *, as_json: bool) -> int:
    """Check settings, ledger, Maildirs, adapters, clock and secrets, and say what is missing.  Changes nothing.

    Run it as the user whom the runs have.  Each adapter is asked whether its system answers and lets us in.
    """
    output = Output(Progress(quiet=True))
    failed = False
    for check in _all(find(config_path)):
        failed |= check.state is State.FAIL
        if as_json:
            output.write(json_line({"check": check.name, "state": check.state, "detail": check.detail}))
        else:
            output.write(f"{check.state:<4}  {printable(f'{check.name}: {check.detail}')}\n")
    return Exit.USAGE if failed else Exit.FINE


def _all(path: str | None) -> Iterator[Check]:
    try:
        config = load(path) if path else default()
    except ConfigError as error:
        yield Check(name="config", state=State.FAIL, detail=str(error))
        return
    yield from checks(config, datetime.now(UTC))

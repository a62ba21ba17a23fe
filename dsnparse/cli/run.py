"""`dsnparse run`: mail, ledger, lists."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dsnparse.adapters.suppression import SuppressionFile
from dsnparse.cli.config import config_option
from dsnparse.cli.output import Output, Progress
from dsnparse.cli.summary import exit_code, hints, totals
from dsnparse.cli.table import Table
from dsnparse.config import Route, default, load
from dsnparse.errors import ConfigError
from dsnparse.parallel import cores
from dsnparse.pipeline import work
from dsnparse.settings import find
from dsnparse.sources import check, read_path

if TYPE_CHECKING:
    from dsnparse.config import Config
    from dsnparse.pipeline import Line

__all__ = ["command"]

_LOG: Final = logging.getLogger("dsnparse")
_HEADINGS: Final = ("address", "what", "type", "reason", "status", "do", "file")


@click.command(
    "run",
    epilog="""
    \b
    Examples:
      dsnparse run ~/Maildir
      dsnparse run --live --suppress dead.txt ~/Maildir
      dsnparse run --live --config /etc/dsnparse/config.toml

    Exit codes: 0 fine; 1 finished, but something new needs a person (with --live only); 2 usage or configuration;
    75 try again later: another run is at work, the disk is full, or a list's server is away.
    """,
)
@click.argument("paths", nargs=-1, metavar="[MAILDIR]...")
@click.option("--live", is_flag=True, help="Act: without it nothing at all is changed.")
@config_option
@click.option(
    "--ledger", metavar="FILE", help="Where to keep what was read.  [$XDG_STATE_HOME/dsnparse/ledger.sqlite3]"
)
@click.option("--suppress", metavar="FILE", help="Put dead addresses into FILE: one a line, or CSV if it ends in .csv.")
@click.option(
    "--max",
    "most",
    type=click.IntRange(min=0),
    metavar="N",
    help="Disable or remove at most N addresses in 24 hours and hold the others.  [100]",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes read; as many as cores if not given."
)
@click.option("--no-settle", is_flag=True, help="Act at once on what is decided, not a day later.")
@click.option("--mbox", "as_mbox", is_flag=True, help="Every file is an mbox, not only *.mbox.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary: nothing new, no output.")
def command(  # noqa: PLR0913 - one parameter for each option
    paths: tuple[str, ...],
    config_path: str | None,
    ledger: str | None,
    suppress: str | None,
    most: int | None,
    *,
    jobs: int | None,
    live: bool,
    no_settle: bool,
    as_mbox: bool,
    quiet: bool,
) -> int:
    """Read mail, remember what failed, and act on addresses that are dead.

    Without --live nothing is changed: no mail is moved, no list is told, nothing is remembered.  With --live a mail
    moves from new/ to cur/ when every recipient in it was judged; letters of people and what was not understood stay
    in new/ and are listed once.  Nothing is deleted.

    Besides Maildirs, everything that `dsnparse parse` reads is taken; only the mails of a Maildir move.  Where no
    Maildir is named, those of the settings are read, and the spool of `dsnparse ingest`.

    Who is disabled or removed, and after how many failures, says the policy (docs/policy.md).  What is decided is done
    a day later, so that a provider's bad day shows before anybody is lost.  What a guard stops is held: see
    `dsnparse holds`.
    """
    config = _config(config_path, ledger, suppress, most)
    where = paths or config.places()
    if not where:
        problem = "name a Maildir, or set source.paths in the settings (dsnparse config init)"
        raise click.UsageError(problem)
    for path in where:
        check(path)
    progress = Progress(quiet=quiet)
    output = Output(progress, go_on=True)  # a run that has begun ends, even if nobody reads of it
    table = Table(output, _HEADINGS)
    found = (item for path in where for item in read_path(path, as_mbox=as_mbox))
    summary = work(
        config,
        progress.count(found),
        live=live,
        now=datetime.now(UTC),
        tell=lambda line: _tell(table, line),
        unripe=no_settle,
        jobs=jobs or cores(),
    )
    table.flush()
    for answer, number in summary.unsettled.items():
        _LOG.error("%s%s", answer.detail or answer.outcome, f" ({number} addresses)" if number > 1 else "")
    if not quiet:
        output.write(totals(summary))
        output.write(hints(summary, config))
    return exit_code(summary)


def _config(path: str | None, ledger: str | None, suppress: str | None, most: int | None) -> Config:
    """Return the settings, with what the command line says in their place."""
    file = find(path)
    config = load(file) if file else default()
    if ledger is not None:
        config = replace(config, ledger=ledger)
    if most is not None:
        config = replace(config, guard=replace(config.guard, number=most))
    if suppress is not None:
        route = Route(adapter=SuppressionFile(_suppression_path(suppress, config.ledger)), type="suppression")
        config = replace(config, adapters=(*config.adapters, route))
    return config


def _suppression_path(path: str, ledger: str) -> str:
    """Refuse early what can never be written, and what must not be: the file is replaced by a new one."""
    target = Path(path)
    checks = (
        (target.is_dir(), "is a folder"),
        (not target.parent.is_dir(), "its folder does not exist"),
        (target.is_symlink() and not target.exists(), "is a link to nothing"),
        (target.exists() and not target.is_file(), "is no regular file"),
        (os.path.realpath(path) == os.path.realpath(ledger), "is the ledger"),
    )
    for met, why in checks:
        if met:
            problem = f"--suppress {path}: {why}"
            raise ConfigError(problem)
    return path


def _tell(table: Table, line: Line) -> None:
    recipient = line.recipient
    deed = f"{line.deed}: {line.note}" if line.note else line.deed.value
    if recipient is None:
        table.row((None, line.kind, None, None, None, deed, line.source))
        return
    verdict = recipient.verdict
    what = recipient.action or line.kind
    table.row((line.address, what, verdict.bounce_type, verdict.reason, recipient.status, deed, line.source))

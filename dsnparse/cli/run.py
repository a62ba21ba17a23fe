"""`dsnparse run`: mail, ledger, lists."""

from __future__ import annotations

import logging
import os
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dsnparse.adapters import ADAPTERS, Outcome
from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.table import Table
from dsnparse.errors import ConfigError
from dsnparse.ledger import State, default_path
from dsnparse.model import Kind
from dsnparse.pipeline import run
from dsnparse.policy import MAX_REMOVALS
from dsnparse.sources import check, read_path

if TYPE_CHECKING:
    from dsnparse.adapters import Adapter
    from dsnparse.pipeline import Line, Summary

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
      dsnparse run --release --max 500 ~/Maildir
      dsnparse run --live --release --max 500 --suppress dead.txt ~/Maildir

    Exit codes: 0 fine; 1 finished, but something new needs a person (with --live only); 2 usage or configuration;
    75 try again later: another run is at work, or the disk is full.
    """,
)
@click.argument("paths", nargs=-1, required=True, metavar="MAILDIR...")
@click.option("--live", is_flag=True, help="Act: without it nothing at all is changed.")
@click.option(
    "--ledger", metavar="FILE", help="Where to keep what was read.  [$XDG_STATE_HOME/dsnparse/ledger.sqlite3]"
)
@click.option("--suppress", metavar="FILE", help="Put dead addresses into FILE: one a line, or CSV if it ends in .csv.")
@click.option(
    "--max",
    "cap",
    type=click.IntRange(min=0),
    default=MAX_REMOVALS,
    show_default=True,
    metavar="N",
    help="Remove at most N addresses in this run and hold the others.",
)
@click.option("--release", is_flag=True, help="Take up again what earlier runs held: look at it first, without --live.")
@click.option("--mbox", "as_mbox", is_flag=True, help="Every file is an mbox, not only *.mbox.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary: nothing new, no output.")
def command(  # noqa: PLR0913 - one parameter for each option
    paths: tuple[str, ...],
    ledger: str | None,
    suppress: str | None,
    cap: int,
    *,
    live: bool,
    release: bool,
    as_mbox: bool,
    quiet: bool,
) -> int:
    """Read mail, remember what failed, and act on addresses that are dead.

    Without --live nothing is changed: no mail is moved, no list is told, nothing is remembered.  With --live a mail
    moves from new/ to cur/ when every recipient in it was judged; letters of people and what was not understood stay
    in new/ and are listed once.  Nothing is deleted.

    Besides Maildirs, everything that `dsnparse parse` reads is taken; only the mails of a Maildir move.

    An address that fails hard is removed: it is written to the file that --suppress names.  Lines that are in that file
    already stay as they are.  Held until --release: what goes beyond --max, and an address whose mail goes on to
    another one that is dead, for that may be a list of several people.
    """
    from dsnparse.ledger.sqlite import SqliteLedger  # noqa: PLC0415 - `dsnparse run --help` needs no database

    for path in paths:
        check(path)
    where = ledger or default_path()
    adapters: list[Adapter] = [] if suppress is None else [ADAPTERS["suppression"](_suppression_path(suppress, where))]
    progress = Progress(quiet=quiet)
    output = Output(progress, go_on=True)  # a run that has begun ends, even if nobody reads of it
    table = Table(output, _HEADINGS)
    found = (item for path in paths for item in read_path(path, as_mbox=as_mbox))
    with SqliteLedger.open(where) if live else SqliteLedger.copy(where) as store:
        summary = run(
            progress.count(found),
            store,
            adapters,
            live=live,
            cap=cap,
            release=release,
            now=datetime.now(UTC),
            tell=lambda line: _tell(table, line),
        )
    table.flush()
    for answer in dict.fromkeys(summary.unsettled):
        _LOG.error("%s", answer.detail or answer.outcome)
    if not quiet:
        output.write(_summary(summary, live=live, told=bool(adapters)))
        output.write(_hint(summary, live=live, suppress=suppress))
    return _code(summary, live=live)


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


def _summary(summary: Summary, *, live: bool, told: bool) -> str:
    read = f"{summary.read}" + (f"  ({summary.known} of them by earlier runs)" if summary.known else "")
    done = "removed" if live and told and not summary.unsettled else "to be removed"
    rows = [
        ("mails read", read),
        ("bounces", summary.kinds[Kind.BOUNCE]),
        ("dead addresses", len(summary.dead)),
        (done, summary.removals),
        ("held for a person", summary.held),
        ("not understood", summary.states[State.NOT_UNDERSTOOD]),
        ("letters, complaints", summary.states[State.PERSON]),
    ]
    rows += [("moved to cur/", summary.moved)] if live else []
    rows += [("left by earlier runs", summary.left)] if summary.left else []
    rows += [("could not be read", summary.unreadable)] if summary.unreadable else []
    return "\n" + "".join(f"{name:<22}{value}\n" for name, value in rows)


def _hint(summary: Summary, *, live: bool, suppress: str | None) -> str:
    """Tell what to do next, with the command line to do it."""
    ctx = click.get_current_context()
    lines = []
    if summary.held:
        cap = max(summary.held, ctx.params["cap"])
        lines.append(f"{summary.held} held: look at them, then let them go: {_again(ctx, release=True, cap=cap)}")
    if not live:
        lines.append(f"Nothing was changed.  To act: {_again(ctx)}")
    if suppress is None and summary.removals:
        lines.append("No list is told of dead addresses: name a file for them with --suppress FILE")
    return "".join(f"{printable(line)}\n" for line in ["", *lines]) if lines else ""


def _again(ctx: click.Context, **changed: object) -> str:
    """Return the same command line with --live."""
    values = {**ctx.params, **changed, "live": True}
    words = ["run"]
    for parameter in ctx.command.params:
        value = values.get(parameter.name or "")
        if not isinstance(parameter, click.Option) or value is None or value is False or value == parameter.default:
            continue
        words += [max(parameter.opts, key=len), *([] if value is True else [str(value)])]
    words += ["--"] if any(path.startswith("-") and path != "-" for path in values["paths"]) else []
    return f"{ctx.find_root().info_name} {shlex.join([*words, *values['paths']])}"


def _code(summary: Summary, *, live: bool) -> int:
    outcomes = {answer.outcome for answer in summary.unsettled}
    if summary.failed_on:
        return Exit.BUG
    if Outcome.RETRY in outcomes:
        return Exit.AGAIN
    if outcomes:
        return Exit.USAGE
    person = live and (summary.newly_held or summary.newly_listed or summary.unmoved)
    return Exit.PERSON if person or summary.unreadable else Exit.FINE

"""`dsnparse parse`: look only."""

from __future__ import annotations

import csv
import logging
from typing import TYPE_CHECKING, Final

import click

from dsnparse.cli.group import Exit
from dsnparse.cli.options import add_names, rules_option, vocabulary_option
from dsnparse.cli.output import Output, Progress
from dsnparse.cli.rows import CSV_COLUMNS, csv_rows, json_line, report_row
from dsnparse.cli.table import Table
from dsnparse.reading import parse
from dsnparse.sources import Unreadable, check, read_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsnparse.model import Report
    from dsnparse.status import Rules

    Writer = Callable[[str, int, Report], None]

__all__ = ["command"]

_LOG: Final = logging.getLogger("dsnparse")


@click.command(
    "parse",
    epilog="""
    \b
    Examples:
      dsnparse parse bounce.eml
      dsnparse parse ~/Maildir
      dsnparse parse --json ~/Maildir | jq -r 'select(.kind == "bounce") | .recipients[].address'
      dsnparse parse --csv returned.mbox > returned.csv
      ssh mail cat bounce.eml | dsnparse parse -
    """,
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--json", "form", flag_value="json", help="One JSON object for each mail, one a line.")
@click.option("--csv", "form", flag_value="csv", help="CSV, a row for each recipient.")
@click.option("--mbox", "as_mbox", is_flag=True, help="Every file is an mbox, not only *.mbox.")
@click.option("--headers", multiple=True, metavar="NAME", help="A header field of the original mail to show in --json.")
@rules_option
@vocabulary_option
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def command(  # noqa: PLR0913 - one parameter for each option
    paths: tuple[str, ...],
    form: str | None,
    headers: tuple[str, ...],
    rules: Rules | None,
    vocabulary: tuple[str, ...],
    *,
    as_mbox: bool,
    quiet: bool,
) -> int:
    r"""Read mail and say what it means; nothing is changed.

    PATH is a file, a folder (every file below it, dotfiles left out), a Maildir, an mbox (*.mbox), or - for standard
    input.  Files of one folder come in the order of their names, up to 10,000; beyond that in the file system's.

    In a table and in CSV, control characters of a mail are shown as escapes such as \x1b.  In CSV an apostrophe stands
    in front of what a spreadsheet would take for a formula.
    """
    if vocabulary and form != "json":
        problem = "--vocabulary goes with --json"
        raise click.UsageError(problem)
    for path in paths:
        check(path)
    progress = Progress(quiet=quiet)
    output = Output(progress)
    table = Table(output, ("address", "what", "type", "reason", "status", "file"))
    write = _writer(form, output, table, vocabulary)
    unreadable, failed_on = 0, 0
    for item in progress.count(item for path in paths for item in read_path(path, as_mbox=as_mbox)):
        if isinstance(item, Unreadable):
            _LOG.warning("%s: cannot be read: %s", item.source, item.why)
            unreadable += 1
            continue
        report = parse(item.raw, headers=headers, rules=rules)
        write(item.source, item.index, report)
        for defect in report.defects:
            if defect.code == "internal_error":
                _LOG.error("%s: a bug; please report it with this file\n%s", item.source, defect.detail)
                failed_on += 1
    table.flush()
    if unreadable:
        _LOG.warning("%d mails or folders could not be read", unreadable)
    return Exit.BUG if failed_on else Exit.PERSON if unreadable else Exit.FINE


def _writer(form: str | None, output: Output, table: Table, vocabulary: tuple[str, ...]) -> Writer:
    if form == "json":

        def line(source: str, index: int, report: Report) -> None:
            output.write(json_line(add_names(report_row(source, index, report), vocabulary)))

        return line
    if form == "csv":
        # Every cell in quotes: a spreadsheet that parts cells at another sign must not find a formula behind one.
        writer = csv.writer(output, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        return lambda source, index, report: writer.writerows(csv_rows(source, index, report))

    def rows(source: str, index: int, report: Report) -> None:
        _table_rows(table, f"{source}:{index}" if index else source, report)

    return rows


def _table_rows(table: Table, source: str, report: Report) -> None:
    for recipient in report.recipients:
        verdict = recipient.verdict
        what = recipient.action or report.kind
        table.row((recipient.address, what, verdict.bounce_type, verdict.reason, recipient.status, source))
    if not report.recipients:
        table.row((None, report.kind, None, None, None, source))

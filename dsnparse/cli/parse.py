"""`dsnparse parse`: look only."""

from __future__ import annotations

import csv
import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from dsnparse.cli.group import Exit
from dsnparse.cli.lines import report_line
from dsnparse.cli.options import add_names, rules_option, vocabulary_option
from dsnparse.cli.output import Output, Progress
from dsnparse.cli.rows import CSV_COLUMNS, csv_rows, json_line, report_row
from dsnparse.cli.table import Table
from dsnparse.parallel import WorkerError, cores, each
from dsnparse.reading import parse
from dsnparse.sources import Unreadable, check, read_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dsnparse.model import Report
    from dsnparse.sources import Found
    from dsnparse.status import Rules

    _Shaped = Any  # text or rows of cells, as the writer of the form wants it
    Shape = Callable[[str, int, Report], _Shaped]
    Writer = Callable[[_Shaped], object]

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
@click.option("--raw-cells", is_flag=True, help="CSV for programs: no apostrophe in front of formulas.")
@click.option("--mbox", "as_mbox", is_flag=True, help="Every file is an mbox, not only *.mbox.")
@click.option("--headers", multiple=True, metavar="NAME", help="A header field of the original mail to show in --json.")
@rules_option
@vocabulary_option
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="How many processes read; as many as cores if not given."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def command(  # noqa: PLR0913 - one parameter for each option
    paths: tuple[str, ...],
    form: str | None,
    headers: tuple[str, ...],
    rules: Rules | None,
    vocabulary: tuple[str, ...],
    *,
    raw_cells: bool,
    as_mbox: bool,
    jobs: int | None,
    quiet: bool,
) -> int:
    r"""Read mail and say what it means; nothing is changed.

    PATH is a file, a folder (every file below it, dotfiles left out), a Maildir, an mbox (*.mbox), or - for standard
    input.  Files of one folder come in the order of their names, up to 10,000; beyond that in the file system's.

    In a table and in CSV, control characters of a mail are shown as escapes such as \x1b.  In CSV an apostrophe stands
    in front of what a spreadsheet would take for a formula, unless --raw-cells is given.
    """
    if raw_cells and form != "csv":
        problem = "--raw-cells goes with --csv"
        raise click.UsageError(problem)
    if vocabulary and form != "json":
        problem = "--vocabulary goes with --json"
        raise click.UsageError(problem)
    for path in paths:
        check(path)
    progress = Progress(quiet=quiet)
    output = Output(progress)
    table = Table(output, ("address", "what", "type", "reason", "status", "file"))
    shape, write = _shape_and_writer(form, output, table, vocabulary, guarded=not raw_cells)

    def work(mail: Found) -> tuple[_Shaped, list[str]]:
        report = parse(mail.raw, headers=headers, rules=rules)
        bugs = [defect.detail for defect in report.defects if defect.code == "internal_error"]
        return shape(mail.source, mail.index, report), bugs

    found = (item for path in paths for item in read_path(path, as_mbox=as_mbox))
    try:
        with closing(each(found, work, jobs or cores())) as answers:
            code = _write(progress.count(answers), write)
    except WorkerError as error:
        _LOG.error("%s", error)
        code = Exit.BUG
    table.flush()
    return code


def _write(answers: Iterator[tuple[Found | Unreadable, tuple[_Shaped, list[str]] | None]], write: Writer) -> int:
    """Write what was read, and return the exit code."""
    unreadable, failed_on = 0, 0
    for item, answer in answers:
        if isinstance(item, Unreadable) or answer is None:
            _LOG.warning("%s: cannot be read: %s", item.source, item.why if isinstance(item, Unreadable) else "")
            unreadable += 1
            continue
        shaped, bugs = answer
        write(shaped)
        for bug in bugs:
            _LOG.error("%s: a bug; please report it with this file\n%s", item.source, bug)
            failed_on += 1
    if unreadable:
        _LOG.warning("%d mails or folders could not be read", unreadable)
    return Exit.BUG if failed_on else Exit.PERSON if unreadable else Exit.FINE


def _shape_and_writer(
    form: str | None, output: Output, table: Table, vocabulary: tuple[str, ...], *, guarded: bool
) -> tuple[Shape, Writer]:
    """Return what makes a report into text or cells, which may be done in another process, and what writes them."""
    if form == "json" and vocabulary:
        return lambda source, index, report: json_line(
            add_names(report_row(source, index, report), vocabulary)
        ), output.write
    if form == "json":
        return report_line, output.write
    if form == "csv":
        # Every cell in quotes: a spreadsheet that parts cells at another sign must not find a formula behind one.
        writer = csv.writer(output, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        return lambda *mail: list(csv_rows(*mail, guarded=guarded)), writer.writerows
    return _table_rows, table.rows


def _table_rows(source: str, index: int, report: Report) -> list[tuple[str | None, ...]]:
    place = f"{source}:{index}" if index else source
    rows: list[tuple[str | None, ...]] = []
    for recipient in report.recipients:
        verdict = recipient.verdict
        what = recipient.action or report.kind
        rows.append((recipient.address, what, verdict.bounce_type, verdict.reason, recipient.status, place))
    return rows or [(None, report.kind, None, None, None, place)]

"""`dsnparse explain`: a code, a reply or a mail in plain words."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from dsnparse.cli.group import Exit
from dsnparse.cli.options import names_of, rules_option, vocabulary_option
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.plain import bold, paragraph, shown
from dsnparse.cli.rows import json_line, recipient_row
from dsnparse.errors import SourceError
from dsnparse.explaining import explain, explain_mail, in_one_line, is_mail, read_pasted, read_reply
from dsnparse.model import Kind
from dsnparse.sources import Unreadable, check, read_path
from dsnparse.text.decode import decode_charset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.model import Recipient, Report
    from dsnparse.status import Rules

__all__ = ["command"]

_LOG: Final = logging.getLogger("dsnparse")
_FILE_ENDS: Final = (".eml", ".msg", ".txt", ".mbox", ".mail", ".log")
_FIRST: Final = "status"  # the keys of a recipient that a reply has, begin with this one


@click.command(
    "explain",
    epilog="""
    \b
    Examples:
      dsnparse explain 5.7.1
      dsnparse explain 452 4.1.0
      dsnparse explain '550 5.1.1 <alice@example.org>: User unknown'
      dsnparse explain bounce.eml
      wl-paste | dsnparse explain -            what you have just copied
      dsnparse explain --json --lines replies.txt
      dsnparse explain --list codes
    """,
)
@click.argument("words", nargs=-1, metavar="[TEXT | FILE | -]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each reply or recipient, one a line.")
@click.option("--lines", is_flag=True, help="Every line is one reply and gets one line, empty ones too.")
@click.option("--list", "table", type=click.Choice(["codes", "reasons"]), help="Print the table of codes or reasons.")
@rules_option
@vocabulary_option
def command(  # noqa: PLR0913 - one parameter for each option
    words: tuple[str, ...],
    table: str | None,
    rules: Rules | None,
    vocabulary: tuple[str, ...],
    *,
    as_json: bool,
    lines: bool,
) -> int:
    """Say in plain words what a code, a mail server's reply or a bounce means, and what to do.

    TEXT is what you have: a code, a line, or the text of the bounce; several words are taken together.  A FILE that
    exists is read, and - is standard input; both may hold a whole mail, the text of one, or replies.

    Put quotes around a text with signs such as <, > or #, which the shell takes for its own.
    """
    output = Output(Progress(quiet=True))
    if table:
        if words:
            problem = "--list takes no text"
            raise click.UsageError(problem)
        from dsnparse.cli.listing import write_table  # noqa: PLC0415 - loaded only when asked for

        write_table(table, output, as_json=as_json)
        return Exit.FINE
    if not words or not " ".join(words).strip():
        problem = "nothing to explain: give a code, a text in quotes, a file, or - for standard input"
        raise click.UsageError(problem)
    asked = _Asked(output, rules, vocabulary, as_json=as_json)
    if lines:
        return asked.lines(words)
    for name, raw in _inputs(words):
        if not raw.strip():
            problem = f"{'standard input' if name == '-' else name}: is empty, there is nothing to explain"
            raise SourceError(problem)
        asked.one(name, raw)
    return Exit.FINE


def _named_file(words: tuple[str, ...]) -> str | None:
    """Return the file that the words name, or None where they are text; an unknown file is an error, not a text."""
    text = " ".join(words)
    if text == "-":
        return text
    try:
        exists = os.path.exists(text)  # noqa: PTH110 - a name, and pathlib raises no less on a null byte
    except ValueError:
        return None
    if exists:
        if os.path.isdir(text):  # noqa: PTH112 - likewise
            problem = f"{text}: is a folder; `dsnparse parse` reads folders"
            raise SourceError(problem)
        check(text)
        return text
    if len(words) == 1 and " " not in text and (text.lower().endswith(_FILE_ENDS) or text.startswith(("/", "./", "~"))):
        problem = f"{text}: no such file"
        raise SourceError(problem)
    return None


def _inputs(words: tuple[str, ...]) -> Iterator[tuple[str | None, bytes]]:
    """Yield what is to be explained, with the name of the file that it comes from."""
    path = _named_file(words)
    if path is None:
        yield None, " ".join(words).encode("utf-8", "surrogateescape")
        return
    for item in read_path(path):
        if isinstance(item, Unreadable):
            problem = f"{item.source}: {item.why}"
            raise SourceError(problem)
        yield f"{item.source}:{item.index}" if item.index else item.source, item.raw


class _Asked:
    """What was asked for, and where the answers go."""

    def __init__(self, output: Output, rules: Rules | None, systems: tuple[str, ...], *, as_json: bool) -> None:
        self._output = output
        self._rules = rules
        self._systems = systems
        self._json = as_json
        self._begun = False

    def one(self, name: str | None, raw: bytes) -> None:
        """Explain one mail or text."""
        if is_mail(raw):
            self._mail(name or "text", raw)
            return
        for text, recipient in read_pasted(decode_charset(raw), rules=self._rules):
            self._answer(text, recipient, name=recipient.address)

    def lines(self, words: tuple[str, ...]) -> int:
        """Explain every line as it comes; Exit.FINE."""
        if reconfigure := getattr(sys.stdout, "reconfigure", None):
            reconfigure(line_buffering=True)  # whoever waits for an answer gets it
        for line in _lines(words):
            text = decode_charset(line)
            recipient = read_reply(text, rules=self._rules)
            if self._json:
                self._output.write(json_line(self._row(text, recipient, address=False)))
            else:
                verdict = recipient.verdict
                cells = (verdict.bounce_type or "-").ljust(5), (verdict.reason or "-").ljust(21)
                self._output.write(printable("  ".join([*cells, in_one_line(recipient)])) + "\n")
        return Exit.FINE

    def _mail(self, name: str, raw: bytes) -> None:
        from dsnparse.reading import parse  # noqa: PLC0415 - loaded only for mail

        report = parse(raw, rules=self._rules)
        judged = [each for each in report.recipients if each.action or each.verdict.reason]
        if self._json:
            if not report.recipients:
                _LOG.warning("%s: %s", name, explain_mail(report))
            for recipient in report.recipients:
                self._output.write(json_line(self._row(recipient.diagnostic, recipient, address=True)))
        else:
            self._output.write(self._gap() + bold(printable(name)) + "\n" + paragraph(explain_mail(report)))
            self._output.write(_facts(report))
            for recipient in judged:
                self._answer(recipient.diagnostic or "", recipient, name=recipient.address or "a recipient")
        for defect in report.defects:
            if defect.code == "internal_error":
                _LOG.error("%s: a bug; please report it with this file\n%s", name, defect.detail)

    def _answer(self, text: str, recipient: Recipient, *, name: str | None) -> None:
        if self._json:
            self._output.write(json_line(self._row(text, recipient, address=name is not None)))
            return
        said = explain(recipient, rules=self._rules)
        names = names_of(recipient.verdict.reason, self._systems)
        self._output.write(self._gap() + shown(text, said, name=name, names=names))

    def _row(self, text: str | None, recipient: Recipient, *, address: bool) -> dict[str, Any]:
        row = recipient_row(recipient)
        if not address:
            keys = list(row)
            row = {key: row[key] for key in keys[keys.index(_FIRST) :]}
        row |= {"vocabulary": names_of(recipient.verdict.reason, self._systems)} if self._systems else {}
        return row | {"text": text}

    def _gap(self) -> str:
        begun, self._begun = self._begun, True
        return "\n" if begun else ""


def _lines(words: tuple[str, ...]) -> Iterator[bytes]:
    path = _named_file(words)
    if path is None:
        yield from " ".join(words).encode("utf-8", "surrogateescape").split(b"\n")
    elif path == "-":
        yield from (line.rstrip(b"\r\n") for line in sys.stdin.buffer)
    else:
        with open(path, "rb") as stream:  # noqa: PTH123 - the name as the user gave it
            yield from (line.rstrip(b"\r\n") for line in stream)


def _facts(report: Report) -> str:
    """Return lines on the mail itself."""
    rows = [
        ("Subject", report.subject),
        ("Written by", report.reporting_mta or report.from_),
        ("On the message", report.original.subject),
    ]
    if report.kind is Kind.FEEDBACK:
        rows += [("Complained", recipient.address) for recipient in report.recipients]
    return "".join(f"  {label:<19}{printable(value)}\n" for label, value in rows if value)

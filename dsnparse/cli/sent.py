"""`dsnparse sent`: tell what was sent, to whom, and who subscribed when."""

from __future__ import annotations

import csv
import itertools
import json
import logging
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from dsnparse.adapters import checked
from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress
from dsnparse.cli.selecting import where_options
from dsnparse.errors import SourceError
from dsnparse.ledger import Subscription
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.trust import SentRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

    from dsnparse.config import Config

__all__ = ["command"]

_LOG: Final = logging.getLogger("dsnparse")
_SOME: Final = 10_000  # rows in one transaction
_SHOWN: Final = 10  # bad lines that are named
_COLUMNS: Final = ("message_id", "address", "list", "sent_at", "key", "subscribed_at")


class _BadLineError(Exception):
    """A line that cannot be taken; the words say why."""


@click.group("sent")
def command() -> None:
    """Tell what you sent, so that reports can be tied to it and mail that arrives resets the count of failures."""


@command.command("import")
@click.argument("file", metavar="FILE|-")
@where_options
def import_(config: Config, file: str) -> int:
    """Read what was sent: CSV with a first line of names, or JSON lines.

    \b
    message_id     of the mail, as it stands in Message-ID
    address        of the recipient
    list           its name, as in the settings; may be missing
    sent_at        2026-01-31T12:00:00Z, or seconds since 1970; now where it is missing
    key            your own key of the subscriber, where the return path was made with one
    subscribed_at  when the address subscribed: what failed before does not count

    A line needs address, and message_id or subscribed_at.  A line that cannot be taken is named and left out; the
    command then ends with 1.  The same line twice is one.
    """  # noqa: D301 - click wants the backspace itself
    bad: list[str] = []
    new = lines = 0
    with _stream(file) as stream, SqliteLedger.open(config.ledger) as store:
        rows = _taken(_rows(stream, file), bad, datetime.now(UTC), {on.name.lower(): on.name for on in config.lists})
        while some := list(itertools.islice(rows, _SOME)):
            lines += len(some)
            new += store.import_sent(some)
    for line in bad[:_SHOWN]:
        _LOG.warning("%s: %s", file, line)
    if len(bad) > _SHOWN:
        _LOG.warning("%s: and %d more lines", file, len(bad) - _SHOWN)
    Output(Progress(quiet=True)).write(f"{new} new, {lines - new} known before, {len(bad)} left out\n")
    return Exit.PERSON if bad else Exit.FINE


@contextmanager
def _stream(file: str) -> Iterator[TextIO]:
    if file == "-":
        yield sys.stdin
        return
    try:
        with open(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:  # noqa: PTH123 - as named
            yield stream
    except OSError as error:
        problem = f"{file}: cannot be read: {error.strerror}"
        raise SourceError(problem) from error


def _rows(stream: TextIO, file: str) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Yield the rows with their numbers; None is a line that is no row."""
    first = next(stream, "")
    if first.lstrip().startswith("{"):
        for number, line in enumerate(itertools.chain([first], stream), 1):
            if line.strip():
                yield number, _object(line)
        return
    names = [name.strip().lower() for name in next(csv.reader([first]), [])]
    if "address" not in names or not set(names) <= set(_COLUMNS):
        problem = f"{file}: the first line must name columns: address and others of {', '.join(_COLUMNS)}"
        raise SourceError(problem)
    try:
        for number, cells in enumerate(csv.reader(stream), 2):
            if cells:
                yield number, dict(zip(names, cells, strict=False)) if len(cells) == len(names) else None
    except csv.Error as error:
        problem = f"{file}: {error}"
        raise SourceError(problem) from error


def _object(line: str) -> Mapping[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _taken(
    rows: Iterable[tuple[int, Mapping[str, Any] | None]], bad: list[str], now: datetime, names: Mapping[str, str]
) -> Iterator[SentRow | Subscription]:
    for number, row in rows:
        try:
            yield from _row(row, now, names)
        except _BadLineError as error:
            bad.append(f"line {number}: {error}")


def _row(row: Mapping[str, Any] | None, now: datetime, names: Mapping[str, str]) -> list[SentRow | Subscription]:
    """Return what one row tells; raises _BadLineError, so that nothing of a bad row is taken."""
    if row is None:
        problem = "is no row of this table"
        raise _BadLineError(problem)
    words = {name: str(row.get(name) if row.get(name) is not None else "").strip() for name in _COLUMNS}
    address = checked(words["address"])
    if address is None:
        problem = "has no plain address"
        raise _BadLineError(problem)
    on = names.get(words["list"].lower(), "" if names else words["list"])
    if words["list"] and not on:
        problem = f"names a list that is not in the settings: {words['list']!r}"
        raise _BadLineError(problem)
    message_id = words["message_id"].strip("<>")
    found: list[SentRow | Subscription] = []
    if message_id:
        at = _time(words["sent_at"], "sent_at") or now
        key = words["key"].encode("utf-8", "surrogateescape") or None
        found.append(SentRow(message_id=message_id, address=address, list=on, at=at, key=key))
    if since := _time(words["subscribed_at"], "subscribed_at"):
        found.append(Subscription(address=address, list=on, since=since))
    if not found:
        problem = "has neither message_id nor subscribed_at"
        raise _BadLineError(problem)
    return found


def _time(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            time = datetime.fromtimestamp(float(text), UTC)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        problem = f"{name} is no time: {text!r}"
        raise _BadLineError(problem) from None

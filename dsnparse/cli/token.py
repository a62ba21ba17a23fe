"""`dsnparse token`: make and check signed return paths."""

from __future__ import annotations

import logging
import secrets
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.cli.rows import json_line
from dsnparse.settings import Table, find
from dsnparse.text.decode import decode_charset
from dsnparse.trust import TokenError, TrustSettings, check, return_path, subscriber_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dsnparse.trust import Checked

__all__ = ["command"]

_LOG: Final = logging.getLogger("dsnparse")
_SECRET_OCTETS: Final = 32  # as many as HMAC-SHA-256 gives: more adds nothing (RFC 2104 section 3)
_MAX_LINE: Final = 4096  # octets; an address has 320 at most


@click.group(
    "token",
    epilog="""
    \b
    Examples:
      (umask 077; dsnparse token new-secret > /etc/dsnparse/return-path.secret)
      dsnparse token make alice@example.org --list news
      dsnparse token make - --list news < addresses.txt
      dsnparse token check news-bounces+aebvck…@lists.example.org

    docs/return-path.md tells how mail servers and senders are set up for them.
    """,
)
def command() -> None:
    """Make and check return paths that are signed for one subscriber each."""


def _settings_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say where the keys and the form of return paths come from."""
    for option in (
        click.option("--key-id", type=click.IntRange(0, 255), default=0, help="With --secret-file: its id.  [0]"),
        click.option("--secret-file", metavar="FILE", help="With --return-path: the file that holds the secret."),
        click.option("--return-path", "form", metavar="FORM", help="Such as 'bounces+{token}@lists.example.org'."),
        click.option("--config", metavar="FILE", help="The configuration with the table [trust]."),
    ):
        function = option(function)
    return function


@command.command("make", short_help="Print the return path for a mail to an address.")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS... | -")
@click.option("--list", "list_name", metavar="NAME", help="The list, for a form with {list}.")
@_settings_options
def make(  # noqa: PLR0913, PLR0917 - one parameter for each option
    addresses: tuple[str, ...],
    list_name: str | None,
    config: str | None,
    form: str | None,
    secret_file: str | None,
    key_id: int,
) -> int:
    """Print the return path, which is the envelope sender, for a mail to ADDRESS that is sent today.

    - reads addresses from standard input, one a line.  For several, and for -, each line is the address, a tab and its
    return path, written as soon as the address was read.  An address that gets none is left out and named on stderr;
    the command then ends with 1.
    """
    settings = _settings(config, form, secret_file, key_id)
    output = Output(Progress(quiet=True))
    if len(addresses) == 1 and addresses[0] != "-":
        output.write(return_path(addresses[0], list=list_name, settings=settings, now=datetime.now(UTC)) + "\n")
        return Exit.FINE
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(line_buffering=True)  # whoever waits for an answer gets it
    code = Exit.FINE
    for place, address in _each(addresses):
        try:
            made = return_path(address, list=list_name, settings=settings, now=datetime.now(UTC))
        except TokenError as error:
            _LOG.warning("%s%s", place, error)
            code = Exit.PERSON
        else:
            output.write(f"{address}\t{made}\n")
    return code


@command.command("check", short_help="Say what a return path holds, and whether it is valid.")
@click.argument("recipient")
@click.option("--address", metavar="ADDRESS", help="Say too whether it was made for this address.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@_settings_options
def check_one(  # noqa: PLR0913, PLR0917 - likewise
    recipient: str,
    address: str | None,
    config: str | None,
    form: str | None,
    secret_file: str | None,
    key_id: int,
    *,
    as_json: bool,
) -> int:
    """Say of which list, day and key RECIPIENT is, or why it is no valid return path.

    Exit codes: 0 valid, 1 not valid (or not of --address), 2 usage or configuration.
    """
    settings = _settings(config, form, secret_file, key_id)
    checked = check(recipient, settings, datetime.now(UTC))
    theirs = None if address is None or checked.token is None else _is_of(address, checked, settings)
    output = Output(Progress(quiet=True))
    if as_json:
        output.write(json_line(_row(checked, settings, theirs=theirs)))
    elif checked.token is None:
        output.write(f"not valid: {printable(checked.detail)}\n")
    else:
        row = _row(checked, settings, theirs=theirs)
        output.write("valid\n")
        for name in ("list", "made", "valid_until", "key_id", "subscriber"):
            output.write(f"  {name.replace('_', ' '):<12}{'-' if row[name] is None else row[name]}\n")
        if theirs is not None:
            output.write(f"  made for {printable(address or '')}: {'yes' if theirs else 'no'}\n")
    return Exit.FINE if checked.token is not None and theirs is not False else Exit.PERSON


@command.command("new-secret", short_help="Print a fresh secret.")
def new_secret() -> int:
    """Print a fresh random secret, for a file that nobody else may read."""
    Output(Progress(quiet=True)).write(secrets.token_hex(_SECRET_OCTETS) + "\n")
    return Exit.FINE


def _settings(config: str | None, form: str | None, secret_file: str | None, key_id: int) -> TrustSettings:
    """Return what signs and verifies: from the options, or from the configuration."""
    if form is None and secret_file is None:
        return _configured(config)
    if config is not None or form is None or secret_file is None:
        problem = "give --config, or --return-path with --secret-file"
        raise click.UsageError(problem)
    key = {"id": key_id, "secret_file": secret_file}
    return TrustSettings.from_table(Table({"return_path": form, "keys": [key]}))


def _configured(named: str | None) -> TrustSettings:
    from dsnparse.config import load  # noqa: PLC0415 - loads every room that can be configured

    path = find(named)
    if path is None:
        problem = "there is no configuration: give --config, or --return-path with --secret-file"
        raise click.UsageError(problem)
    settings = load(path).trust
    if not settings.keys:
        problem = f"{printable(path)}: [trust] has no return_path and keys"
        raise click.UsageError(problem)
    return settings


def _each(addresses: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the addresses, each with words on where it stands."""
    for address in addresses:
        if address != "-":
            yield "", address
            continue
        number = 0
        while line := sys.stdin.buffer.readline(_MAX_LINE):
            number += 1
            if text := decode_charset(line).strip():
                yield f"line {number}: ", text


def _is_of(address: str, checked: Checked, settings: TrustSettings) -> bool:
    token = checked.token
    key = settings.keys.get(token.key_id) if token else None
    return token is not None and key is not None and subscriber_key(address, key) == token.key


def _row(checked: Checked, settings: TrustSettings, *, theirs: bool | None) -> dict[str, Any]:
    token = checked.token
    return {
        "valid": token is not None,
        "problem": checked.problem,
        "detail": checked.detail or None,
        "list": token and (token.list or None),
        "made": token and token.day.isoformat(),
        "valid_until": token and (token.day + settings.max_age).isoformat(),
        "key_id": token and token.key_id,
        "subscriber": token and token.key.hex(),
        "made_for_address": theirs,
    }

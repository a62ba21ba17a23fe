"""`dsnparse config`: begin a file of settings, and show what is in effect."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from dsnparse.cli.as_toml import lines
from dsnparse.cli.group import Exit
from dsnparse.cli.output import Output, Progress, printable
from dsnparse.config import default, load
from dsnparse.errors import ConfigError
from dsnparse.settings import find, user_path

__all__ = ["command", "config_option", "template"]

_MODE: Final = 0o600  # it names the files of secrets, and owners' addresses are personal data

config_option = click.option(
    "--config",
    "config_path",
    metavar="FILE",
    help="The settings.  [$DSNPARSE_CONFIG, ~/.config/dsnparse/config.toml, /etc/dsnparse/config.toml]",
)


@click.group(
    "config",
    epilog="""
    \b
    Examples:
      dsnparse config init
      dsnparse config show --config /etc/dsnparse/config.toml

    docs/config.md tells every key.
    """,
)
def command() -> None:
    """Begin a file of settings, and show what is in effect."""


def template() -> str:
    """Return the file of settings to begin with; every setting in it is commented out."""
    return files("dsnparse").joinpath("config.toml.template").read_text("utf-8")


@command.command("init", short_help="Write a file of settings to begin with.")
@click.argument("file", required=False, metavar="[FILE]")
def init(file: str | None) -> int:
    """Write a file that names and explains every setting, all of them commented out.

    Without FILE it is $DSNPARSE_CONFIG, or $XDG_CONFIG_HOME/dsnparse/config.toml, where it is found by itself.  A file
    that is there already stays as it is.
    """
    path = file or os.environ.get("DSNPARSE_CONFIG") or user_path()
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        place = getattr(error, "filename", None) or path  # a folder on the way may be in the way
        problem = f"{place}: cannot be written: {getattr(error, 'strerror', None) or error}"
        raise ConfigError(problem) from error
    with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
        stream.write(template())
    Output(Progress(quiet=True)).write(f"{printable(path)}\n")
    return Exit.FINE


@command.command("show", short_help="Print the settings that are in effect.")
@config_option
def show(config_path: str | None) -> int:
    """Print every setting that is in effect, as TOML, those that the file does not name too.

    Of a secret it says where it comes from, never what it is.
    """
    path = find(config_path)
    output = Output(Progress(quiet=True))
    for line in lines(load(path) if path else default()):
        output.write(f"{line}\n")
    return Exit.FINE

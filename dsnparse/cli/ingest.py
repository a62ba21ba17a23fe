"""`dsnparse ingest`: one mail from a mail server's pipe.

It loads little, so that it is ready soon, and reads of the settings only where the spool lies: a fault in the rest of
the file is for `dsnparse run` to tell, and must not turn mail away.  What comes of it is told by `group.start`.
"""

from __future__ import annotations

import sys

import click

from dsnparse.cli.output import printable
from dsnparse.errors import ConfigError, SourceError
from dsnparse.sources.base import why
from dsnparse.sources.spool import default_spool, deliver

__all__ = ["command"]


@click.command(
    "ingest",
    epilog="""
    \b
    In Postfix's master.cf (docs/ingest.md):
      dsnparse  unix  -  n  n  -  10  pipe
        flags=DRX user=dsnparse null_sender= argv=/opt/dsnparse/bin/dsnparse-ingest

    Exit codes: 0 the mail is safe on the disk; 75 it is not, try again.  Nothing else, whatever happens: this text ends
    with 75 too.  A Python that cannot start exits with 1, so give the server `dsnparse-ingest`, which makes that 75.
    """,
)
@click.option("--spool", metavar="FOLDER", help="Where to put it.  [source.spool of the settings]")
@click.option("--recipient", metavar="ADDRESS", help="The envelope recipient, where the server writes no Delivered-To.")
@click.option("--config", "config_path", metavar="FILE", help="The settings (see dsnparse config --help).")
def command(spool: str | None, recipient: str | None, config_path: str | None) -> str:
    """Take one mail from standard input and put it into the spool, for the next `dsnparse run`.

    The spool is a Maildir, by default $XDG_STATE_HOME/dsnparse/spool.  It appears by itself, readable by its owner
    only.
    """
    if sys.stdin is None:
        problem = "standard input is closed"
        raise SourceError(problem)
    folder = _spool(config_path) if spool is None else spool
    # A line end must not begin another field.  What is no address is kept, and is nobody's return path.
    to = None if recipient is None else printable(recipient)
    try:
        return deliver(sys.stdin.buffer, folder, recipient=to)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        problem = f"{getattr(error, 'filename', None) or folder}: {why(error)}"
    raise SourceError(problem)


def _spool(config_path: str | None) -> str:
    """Return the spool that the settings name."""
    from dsnparse.settings import find, read  # noqa: PLC0415 - not needed where --spool is given

    file = find(config_path)
    if file is None:
        return default_spool()
    settings = read(file)
    try:
        return settings.table("source").path("spool", default_spool())
    except ConfigError as error:
        problem = f"{file}: {error}"
    raise ConfigError(problem)

"""The group of commands, and the way from an error to an exit code."""

from __future__ import annotations

import contextlib
import errno
import importlib
import logging
import os
import sys
import traceback
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import click

import dsnparse
from dsnparse.cli.output import Closed, printable, silence
from dsnparse.errors import DsnparseError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Exit", "cli", "start"]

# Each command is a module of this name in this package, loaded when it is asked for.
_COMMANDS: Final = (
    "parse",
    "explain",
    "run",
    "rules",
    "ledger",
    "holds",
    "sent",
    "token",
    "config",
    "doctor",
    "ingest",
)

_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Exit(IntEnum):
    """What the exit codes say; 75 is EX_TEMPFAIL of sysexits.h."""

    FINE = 0
    PERSON = 1  # finished, but something new needs a person
    USAGE = 2  # or configuration
    BUG = 3
    AGAIN = 75
    INTERRUPTED = 130


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"dsnparse.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""Exit codes: 0 fine; 1 finished, but something new needs a person; 2 usage or configuration;
    3 a bug in dsnparse; 75 try again later (ledger in use, disk full); 130 interrupted.""",
)
@click.version_option(dsnparse.__version__, prog_name="dsnparse", message="%(prog)s %(version)s")
def cli() -> None:  # click's \b keeps the lines that follow as they are
    """Read the mail that comes back: say which addresses are dead and why, and act on it.

    \b
      dsnparse parse ~/Maildir         look only
      dsnparse run ~/Maildir           say what would be done
      dsnparse run --live ~/Maildir    do it
    """  # noqa: D301 - click wants the backspace itself


def start(args: Sequence[str] | None = None) -> int:
    """Run a command line; never raises, SystemExit included."""
    words = sys.argv[1:] if args is None else args
    if next((word for word in words if not word.startswith("-")), None) == "ingest":
        return _ingest(args)
    _prepare()
    result = _result(args)
    code = result if isinstance(result, int) else Exit.FINE
    try:
        sys.stdout.flush()
    except OSError as error:
        silence()
        if error.errno != errno.EPIPE:
            _say(f"output: {error.strerror}")
            code = Exit.AGAIN
    return code


def _ingest(args: Sequence[str] | None) -> int:
    """Return 0 only if a mail is safe on the disk, else 75, whatever happened: the mail server keeps it then."""
    result: object = None
    try:
        _prepare()
        result = _result(args)
        sys.stdout.flush()  # of --help
    except BaseException:  # noqa: BLE001 - told or not: nobody listens, there is no memory, somebody pressed Ctrl-C
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                silence(stream)
    return Exit.FINE if isinstance(result, str) else Exit.AGAIN  # the path of the mail: nothing else returns a string


def _result(args: Sequence[str] | None) -> object:
    """Return what the command does, or the exit code for its error."""
    try:
        return cli.main(args=args, prog_name=_program(), standalone_mode=False)
    except (Closed, SystemExit):  # SystemExit is click's way to end when the pipe is closed under its help text
        silence()
        return Exit.FINE
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except Exception as error:  # noqa: BLE001 - the last net: what nobody expected is a bug, and says so
        return _explain(error)


def _explain(error: Exception) -> int:
    if isinstance(error, DsnparseError):
        _say(str(error))
        return Exit.AGAIN if _try_again(error) else Exit.USAGE
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        silence()
        _say(f"{error.filename or 'output'}: {error.strerror}")
        return Exit.AGAIN
    for line in "".join(traceback.format_exception(error)).splitlines():
        _say(line)
    _say("this is a bug; please report it with the lines above and, if you can, the mail that it happened on")
    return Exit.BUG


def _program() -> str:
    name = os.path.basename(sys.argv[0])  # noqa: PTH119 - a name, not a path
    return "python -m dsnparse" if name == "__main__.py" else "dsnparse"


def _prepare() -> None:
    """Let no odd letter and no closed stream stop the output; send what the library logs to stderr, one line each."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open until we end
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    logger = logging.getLogger("dsnparse")
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
    logger.addHandler(_Talk())
    logger.propagate = False


class _Talk(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        for line in record.getMessage().splitlines():
            _say(line)


def _say(text: str) -> None:
    over = "\r\x1b[K" if sys.stderr.isatty() else ""  # a count may stand on the line
    try:
        sys.stderr.write(f"{over}dsnparse: {printable(text)}\n")
        sys.stderr.flush()
    except OSError:  # nobody reads it, and what happens does not hang on that
        silence(sys.stderr)


def _try_again(error: DsnparseError) -> bool:
    """Tell whether the same command may work later; the store's classes are loaded only if a store was."""
    base = sys.modules.get("dsnparse.ledger.base")
    return base is not None and isinstance(error, base.LedgerBusyError)

"""A run from the settings to the owner's notice: for the command, and for list software of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dsnparse.adapters import Answer, Outcome
from dsnparse.config import Route, default, load
from dsnparse.notices import Notice, send
from dsnparse.pipeline.running import run
from dsnparse.sources import check, read_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dsnparse.config import Config
    from dsnparse.model import Decision
    from dsnparse.pipeline.lines import Line, Summary
    from dsnparse.sources import Found, Unreadable

__all__ = ["process", "work"]


def process(  # noqa: PLR0913 - the settings of a run, each by name
    *paths: str,
    on_decision: Callable[[Decision], object] | None = None,
    config: Config | str | None = None,
    ledger: str | None = None,
    live: bool = True,
    settle: bool = True,
    now: datetime | None = None,
) -> Summary:
    """Read bounces, remember what failed, decide, and tell: `dsnparse run` for list software of your own.

    paths: Maildirs, and whatever else `dsnparse run` reads; those of the settings, and the spool, where none is given.
    on_decision: is called once for each decision that is to be carried out: `wanted` is disable, remove or restore.
        Where it raises, the decision comes again in a later call; `decision.id` tells whether it is the same one.
    config: settings, or a path of a file of them; built-in defaults where there are none.
    ledger: path of the ledger, in place of the one that the settings name.
    live: False changes nothing and calls nobody.
    settle: False acts at once, whatever the policy says.
    now: the time, with its zone; the clock's where it is not given.

    Raises ConfigError, SourceError for a path that cannot be read, LedgerError where the ledger cannot be used.
    """
    settings = default() if config is None else load(config) if isinstance(config, str) else config
    if ledger is not None:
        settings = replace(settings, ledger=ledger)
    if on_decision is not None:
        settings = replace(settings, adapters=(*settings.adapters, Route(adapter=_Callback(on_decision))))
    where = paths or settings.places()
    for path in where:
        check(path)
    found = (item for path in where for item in read_path(path))
    return work(settings, found, live=live, now=now or datetime.now(UTC), unripe=not settle)


def work(  # noqa: PLR0913 - likewise
    config: Config,
    found: Iterable[Found | Unreadable],
    *,
    live: bool,
    now: datetime,
    tell: Callable[[Line], None] = lambda _: None,
    unripe: bool = False,
    jobs: int = 1,
) -> Summary:
    """Open the ledger, run, and tell the owner; see `run`."""
    from dsnparse.ledger.sqlite import SqliteLedger  # noqa: PLC0415 - `dsnparse run --help` needs no database

    with SqliteLedger.open(config.ledger) if live else SqliteLedger.copy(config.ledger) as ledger:
        summary = run(found, ledger, config, live=live, now=now, tell=tell, unripe=unripe, jobs=jobs)
    send(_notice(summary, now), config.notify)
    return summary


def _notice(summary: Summary, now: datetime) -> Notice:
    return Notice(
        started=now,
        live=summary.live,
        done=summary.done,
        held=summary.held_now,
        not_understood=summary.left_now,
        storms=[f"{storm.why}; {acted} were acted on before" for storm, acted in summary.storms],
        failures=[f"{answer.detail or answer.outcome} ({number})" for answer, number in summary.unsettled.items()],
        counts={
            "mails read": summary.read,
            "of them read before": summary.known,
            "done": sum(summary.acted.values()),
            "newly held": summary.newly_held,
            "held in all": summary.held,
            "newly left for a person": summary.newly_listed,
            "not readable": summary.unreadable,
        },
    )


class _Callback:
    """A function of the user's as an adapter."""

    name = "function:"

    def __init__(self, function: Callable[[Decision], object]) -> None:
        self._function = function

    def apply(self, decisions: Sequence[Decision]) -> Sequence[Answer]:
        """Call it for each."""
        return [self._one(decision) for decision in decisions]

    def _one(self, decision: Decision) -> Answer:
        try:
            self._function(decision)
        except Exception as error:  # noqa: BLE001 - the user's own code: the next run tries again
            return Answer(outcome=Outcome.RETRY, detail=f"the function raised {type(error).__name__}: {error}")
        return Answer(outcome=Outcome.DONE)

    def check(self) -> Answer:
        """Nothing can be told of it."""
        return Answer(outcome=Outcome.DONE)

"""Telling the adapters: intent first, then the call, then what it met."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dsnparse.adapters import Answer, Losable, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.config import Route
    from dsnparse.ledger import Due, Ledger
    from dsnparse.pipeline.lines import Summary

__all__ = ["act"]

_LOG = logging.getLogger("dsnparse")
_SOME: Final = 1000  # decisions in one call of an adapter
_ALL: Final = datetime(9999, 1, 1, tzinfo=UTC)  # whatever ripens ever
_AWAY: Final = frozenset({Outcome.RETRY, Outcome.REFUSED})


def act(ledger: Ledger, routes: Sequence[Route], summary: Summary, now: datetime, *, unripe: bool = False) -> None:
    """Tell every adapter what it was not told yet, and close what all were told.

    unripe: what is not ripe yet is done too.
    """
    for route in routes:
        name = route.adapter.name
        if isinstance(route.adapter, Losable) and route.adapter.lost():
            ledger.retell(name)
            _answers(route, ())  # whoever reads the list finds one, if an empty one
        one_list = getattr(route.adapter, "one_list", False)
        ledger.dispatch(name, route.lists, now, ripe=_ALL if unripe else None, one_list=one_list)
        after = 0
        while due := ledger.due(name, now, _SOME, after):
            after = due[-1].number
            answers = _answers(route, due)
            ledger.settle(name, [(one, a.outcome, a.detail) for one, a in zip(due, answers, strict=True)], now)
            for answer in answers:
                if answer.outcome.settled:
                    summary.told += 1
                else:
                    summary.unsettled[answer] += 1
            if all(answer.outcome in _AWAY for answer in answers):
                break  # the system is away, or does not let us in: the next run tries again
    for decision in ledger.finish([route.adapter.name for route in routes], now):
        summary.act(decision)
    summary.untold = ledger.untold(_ALL if unripe else now) if routes else 0


def _answers(route: Route, due: Sequence[Due]) -> Sequence[Answer]:
    try:
        answers = route.adapter.apply([one.decision for one in due])
        pairs = list(zip(due, answers, strict=True))
    except Exception as error:  # noqa: BLE001 - an adapter of somebody else's, or the user's own function
        _LOG.exception("%s failed", route.adapter.name)
        return [Answer(outcome=Outcome.RETRY, detail=f"{route.adapter.name}: {type(error).__name__}")] * len(due)
    # An attempt that was cut off may have reached the list: that it is so already is then our own doing.
    return [
        Answer(outcome=Outcome.DONE, detail="by an attempt that was cut off")
        if one.in_doubt and answer.outcome is Outcome.ALREADY
        else answer
        for one, answer in pairs
    ]

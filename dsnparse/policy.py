"""Step 7: from what the ledger knows of an address to what is wanted for it.  Pure: no files, no clock.

The rule of this version: a hard failure removes, anything else does nothing.  So many removals in one run are more
likely a provider's bad day than so many deaths, so what goes beyond the cap is held for a person.  So is an address
whose mail goes on to another one that is dead: it may be a list of several people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.model import BounceType, Decision, Wanted
from dsnparse.text.addresses import is_daemon

if TYPE_CHECKING:
    from dsnparse.model import Event

__all__ = ["MAX_REMOVALS", "decide", "surer"]

MAX_REMOVALS: Final = 100  # in one run, unless the owner names another number


def decide(event: Event, *, removals: int, cap: int = MAX_REMOVALS, released: bool = False) -> Decision:
    """Decide on the address of a failure.

    removals: how many this run wants already; cap: how many it may want.
    released: whether a person looked at it and let it go.
    """
    if event.bounce_type is not BounceType.HARD:
        return Decision(address=event.address, wanted=Wanted.NONE, why="the address may live", event=event)
    held = True
    if is_daemon(event.address) and not released:
        why = "the address of a mail system, not of a person"
    elif event.final_address is not None and not released:  # an alias or a forwarding: others may still get the mail
        why = f"its mail goes on to {event.final_address}, which is dead"
    elif removals >= cap:
        why = f"more than {cap} removals in one run"
    else:
        held, why = False, "the address or its domain is dead"
    return Decision(address=event.address, wanted=Wanted.REMOVE, held=held, why=why, event=event)


def surer(event: Event, decision: Decision) -> bool:
    """Tell whether a failure settles what the one that was decided on left open: the address itself is dead."""
    return decision.held and decision.event.final_address is not None and event.final_address is None

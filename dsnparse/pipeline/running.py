"""A run: the steps in order, in batches."""

from __future__ import annotations

import logging
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from dsnparse.ledger import Known, State
from dsnparse.model import Action, BounceType, Kind, Recipient, Verdict
from dsnparse.pipeline.intake import Reading, read_mail
from dsnparse.pipeline.lines import Deed, Line, Summary
from dsnparse.policy import MAX_REMOVALS, decide, surer
from dsnparse.sources import Found, Unreadable, move_to_cur

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from dsnparse.adapters import Adapter
    from dsnparse.ledger import Ledger
    from dsnparse.model import Decision, Event

__all__ = ["run"]

_LOG = logging.getLogger("dsnparse")
_BATCH: Final = 100  # mails in one transaction of the ledger: one wait for the disk, and little to read again


class _Run:
    """The state of one run."""

    def __init__(self, ledger: Ledger, *, live: bool, cap: int, now: datetime) -> None:
        self.ledger, self.live, self.cap, self.now = ledger, live, cap, now
        self.summary = Summary()
        self.wanted: dict[str, Decision] = {}
        self.batch: dict[bytes, Reading] = {}
        self.held_before = frozenset(decision.address for decision in ledger.held())

    def resume(self, tell: Callable[[Line], None], *, release: bool) -> None:
        """Begin with what earlier runs left: what they held, if a person lets it go, and what they were stopped at."""
        for decision in self.ledger.held() if release else ():
            deed = Deed.HELD if self.want(decision.event, released=True).held else Deed.REMOVE
            tell(_line(decision.event, deed))
        for event in self.ledger.undecided():
            self.want(event)

    def want(self, event: Event, *, released: bool = False) -> Decision:
        """Decide on an address, once; again where another of its failures says more."""
        decision = self.wanted.get(event.address)
        if decision is None or surer(event, decision):
            decision = decide(event, removals=self.summary.removals, cap=self.cap, released=released)
            self.wanted[event.address] = decision
            self.summary.removals += not decision.held
        return decision

    def deed(self, event: Event | None) -> Deed:
        """Tell what is done about a recipient."""
        if event is None or event.bounce_type is not BounceType.HARD:
            return Deed.NOTHING
        self.summary.dead.add(event.address)
        known = None if event.address in self.wanted else self.ledger.decision(event.address)
        if known is not None and not known.held:
            return Deed.REMOVED
        if known is None or surer(event, known):
            known = self.want(event)
        return Deed.HELD if known.held else Deed.REMOVE

    def take(self, found: Found, tell: Callable[[Line], None]) -> None:
        """Take one mail into the batch, or see that it was read before."""
        digest = sha256(found.raw).digest()
        if digest in self.batch or len(self.batch) >= _BATCH:
            self.flush(tell)
        self.summary.read += 1
        known = self.ledger.known(digest)
        if known is None:
            self.batch[digest] = read_mail(found, digest, self.now)
        else:
            self.summary.known += 1
            self.meet_again(found, digest, known, tell)

    def meet_again(self, found: Found, digest: bytes, known: Known, tell: Callable[[Line], None]) -> None:
        """Finish what an earlier run began with a mail."""
        if known.state is State.JUDGED:
            self.move(found)
            return
        self.summary.left += found.new
        if not known.listed:
            tell(Line(source=found.source, kind=known.kind, deed=Deed.PERSON, note="read before, not told of"))
            self.summary.newly_listed += 1
            self.ledger.mark_listed([digest], self.now)

    def flush(self, tell: Callable[[Line], None]) -> None:
        """Record the batch, then tell of it and move its mails."""
        readings = list(self.batch.values())
        self.batch.clear()
        listed: list[bytes] = []
        for reading, new in zip(
            readings, self.ledger.record([reading.record for reading in readings], self.now), strict=True
        ):
            self.summary.new_events += sum(new)
            self.summary.kinds[reading.report.kind] += 1
            self.summary.states[reading.record.state] += 1
            self.tell(reading, tell)
            if reading.record.state is State.JUDGED:
                self.move(reading.found)
            else:
                listed.append(reading.record.digest)
        self.summary.newly_listed += len(listed)
        if listed:
            self.ledger.mark_listed(listed, self.now)

    def tell(self, reading: Reading, tell: Callable[[Line], None]) -> None:
        """Tell of each recipient, and of the mail where it names none or is left for a person."""
        source, kind = reading.found.source, reading.report.kind
        for recipient, event in zip(reading.report.recipients, reading.events, strict=True):
            address = recipient.address if event is None else event.address
            tell(Line(source=source, kind=kind, recipient=recipient, address=address, deed=self.deed(event)))
        if reading.record.state is not State.JUDGED:
            tell(Line(source=source, kind=kind, deed=Deed.PERSON, note=reading.note))
        elif not reading.report.recipients:
            tell(Line(source=source, kind=kind))
        for defect in reading.report.defects:
            if defect.code == "internal_error":
                self.summary.failed_on.append(source)
                _LOG.error("%s: dsnparse failed on this mail, which is a bug:\n%s", source, defect.detail)

    def move(self, found: Found) -> None:
        """Move a mail that is done with out of `new/`."""
        if not found.new or not self.live:
            return
        try:
            move_to_cur(found.source)
        except FileNotFoundError:  # another reader was faster
            return
        except OSError as error:
            _LOG.warning("%s: cannot be moved to cur/: %s", found.source, error.strerror or error)
            self.summary.unmoved += 1
        else:
            self.summary.moved += 1

    def act(self, adapters: Sequence[Adapter]) -> None:
        """Commit what is wanted, then carry it out."""
        self.ledger.intend(self.wanted.values(), self.now)
        self.summary.held = sum(1 for _ in self.ledger.held())
        self.summary.newly_held = sum(d.held and d.address not in self.held_before for d in self.wanted.values())
        for adapter in adapters if self.live else ():
            decisions = list(self.ledger.in_force())
            pairs = list(zip(decisions, adapter.apply(decisions), strict=True))
            self.ledger.settle(adapter.name, [(d, answer.outcome, answer.detail) for d, answer in pairs], self.now)
            self.summary.unsettled += [answer for _, answer in pairs if not answer.outcome.settled]


def run(  # noqa: PLR0913 - the run's own settings, each by name
    found: Iterable[Found | Unreadable],
    ledger: Ledger,
    adapters: Sequence[Adapter] = (),
    *,
    live: bool,
    now: datetime,
    tell: Callable[[Line], None],
    cap: int = MAX_REMOVALS,
    release: bool = False,
) -> Summary:
    """Read mail, record and decide; if `live`, move the mails that are done with and tell the adapters.

    ledger: for a run that is not live, one that may be thrown away (SqliteLedger.copy).
    cap: how many addresses may be removed in this run; what goes beyond it is held.
    release: whether what earlier runs held is taken up again.
    tell: is called for each recipient, and for each mail that names none or is left for a person.
    """
    state = _Run(ledger, live=live, cap=cap, now=now)
    state.resume(tell, release=release)
    for item in found:
        if isinstance(item, Unreadable):
            _LOG.warning("%s: cannot be read: %s", item.source, item.why)
            state.summary.unreadable += 1
        else:
            state.take(item, tell)
    state.flush(tell)
    state.act(adapters)
    return state.summary


def _line(event: Event, deed: Deed) -> Line:
    """Tell of a failure that an earlier run read."""
    verdict = Verdict(bounce_type=event.bounce_type, reason=event.reason)
    recipient = Recipient(action=Action.FAILED, status=event.status, verdict=verdict)
    return Line(kind=Kind.BOUNCE, recipient=recipient, address=event.address, deed=deed, note="held before")

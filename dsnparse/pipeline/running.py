"""A run: the steps in order, in batches."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import closing
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from dsnparse.ledger import Known, State
from dsnparse.model import BounceType, Wanted
from dsnparse.parallel import each
from dsnparse.pipeline.acting import act
from dsnparse.pipeline.deciding import Deciding
from dsnparse.pipeline.intake import HEADERS, Intake, Reading
from dsnparse.pipeline.lines import Deed, Line, Summary
from dsnparse.reading import parse
from dsnparse.sources import Found, Unreadable, move_to_cur

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from dsnparse.config import Config
    from dsnparse.ledger import Ledger
    from dsnparse.model import Decision, Event, Report
    from dsnparse.text.limits import Limits

__all__ = ["run"]

_LOG = logging.getLogger("dsnparse")
_BATCH: Final = 200  # mails in one transaction of the ledger: one wait for the disk, and little to read again
_DEEDS: Final = {Wanted.DISABLE: Deed.DISABLE, Wanted.REMOVE: Deed.REMOVE}
_BEFORE: Final = {Wanted.DISABLE: Deed.DISABLED, Wanted.REMOVE: Deed.REMOVED}


class _Run:
    """The state of one run."""

    def __init__(self, config: Config, ledger: Ledger, tell: Callable[[Line], None], now: datetime) -> None:
        self.config, self.ledger, self.tell, self.now = config, ledger, tell, now
        self.live = False
        self.summary = Summary()
        self.intake = Intake(config, ledger, now)
        self.batch: dict[bytes, Reading] = {}
        self.digests: deque[bytes] = deque()

    def unread(self, found: Iterable[Found | Unreadable]) -> Iterator[Found]:
        """Yield the mails that are to be read, and finish what an earlier run began with the others.

        The digests of those that are yielded stand in `self.digests`, in the same order.
        """
        for item in found:
            if isinstance(item, Unreadable):
                _LOG.warning("%s: cannot be read: %s", item.source, item.why)
                self.summary.unreadable += 1
                continue
            self.summary.read += 1
            digest = sha256(item.raw).digest()
            known = self.ledger.known(digest)
            if known is not None:
                self.meet_again(item, digest, known)
            elif self.is_old(item):
                self.summary.old += 1
            else:
                self.digests.append(digest)
                yield item

    def take(self, found: Found, report: Report, deciding: Deciding) -> None:
        """Take one mail into the batch."""
        digest = self.digests.popleft()
        if digest in self.batch or len(self.batch) >= _BATCH:
            self.flush(deciding)
        known = self.ledger.known(digest)  # a copy of it may have come before it
        if known is not None:
            self.meet_again(found, digest, known)
        else:
            self.batch[digest] = self.intake.take(found, report, digest)

    def is_old(self, found: Found) -> bool:
        """Tell whether a mail is older than the ledger looks back, so that it may have been read and be forgotten."""
        kept = self.config.retention.mails
        return kept is not None and found.time is not None and found.time < (self.now - kept).timestamp()

    def meet_again(self, found: Found, digest: bytes, known: Known) -> None:
        """Finish what was begun with a mail."""
        self.summary.known += 1
        if known.state is State.JUDGED:
            self.move(found)
            return
        self.summary.left += found.new
        if not known.listed:
            note = "read before, not told of"
            self.tell(Line(source=found.source, kind=known.kind, deed=Deed.PERSON, note=note))
            self.summary.leave(found.source, note)
            self.ledger.mark_listed([digest], self.now)

    def flush(self, deciding: Deciding) -> None:
        """Record the batch and decide on it, then tell of it and move its mails."""
        readings = list(self.batch.values())
        self.batch.clear()
        with self.ledger.transaction():
            new = self.ledger.record([reading.record for reading in readings], self.now)
            decided = deciding.pending()
        self.summary.new_events += sum(map(sum, new))
        listed: list[bytes] = []
        for reading in readings:
            self.summary.kinds[reading.report.kind] += 1
            self.summary.states[reading.record.state] += 1
            self.tell_of(reading, decided)
            if reading.record.state is State.JUDGED:
                self.move(reading.found)
            else:
                self.summary.leave(reading.found.source, reading.note)
                listed.append(reading.record.digest)
        if listed:
            self.ledger.mark_listed(listed, self.now)

    def tell_of(self, reading: Reading, decided: dict[tuple[str, str], Decision]) -> None:
        """Tell of each recipient, and of the mail where it names none or is left for a person."""
        source, kind = reading.found.source, reading.report.kind
        for recipient, event in zip(reading.recipients, reading.events, strict=True):
            if event is None and recipient not in reading.report.recipients:
                continue
            deed, note = self.deed(event, decided)
            address = recipient.address if event is None else event.address
            self.tell(Line(source=source, kind=kind, recipient=recipient, address=address, deed=deed, note=note))
        if reading.record.state is not State.JUDGED:
            self.tell(Line(source=source, kind=kind, deed=Deed.PERSON, note=reading.note))
        elif not reading.recipients:
            self.tell(Line(source=source, kind=kind))
        for defect in reading.report.defects:
            if defect.code == "internal_error":
                self.summary.failed_on.append(source)
                _LOG.error("%s: dsnparse failed on this mail, which is a bug:\n%s", source, defect.detail)

    def deed(self, event: Event | None, decided: dict[tuple[str, str], Decision]) -> tuple[Deed, str]:
        """Tell what is done about a recipient, and why where it is not plain."""
        if event is None:
            return Deed.NOTHING, ""
        current = self.ledger.current(event.address, event.list)
        if current is None or current.decision.wanted not in _DEEDS:
            decision = decided.get((event.address, event.list))
            if decision is None or (event.bounce_type is not BounceType.HARD and event.feedback_type is None):
                return Deed.NOTHING, ""
            return Deed.WAIT, decision.why.partition(" (")[0]
        if current.decision.held is not None:
            return Deed.HELD, current.decision.held.value
        return (_BEFORE if current.done else _DEEDS)[current.decision.wanted], ""

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


def _read(found: Found, *, limits: Limits) -> Report:
    return parse(found.raw, headers=HEADERS, limits=limits)


def run(  # noqa: PLR0913 - the run's own settings, each by name
    found: Iterable[Found | Unreadable],
    ledger: Ledger,
    config: Config,
    *,
    live: bool,
    now: datetime,
    tell: Callable[[Line], None] = lambda _: None,
    unripe: bool = False,
    jobs: int = 1,
) -> Summary:
    """Read mail, record and decide; if `live`, move the mails that are done with and tell the adapters.

    ledger: for a run that is not live, one that may be thrown away (SqliteLedger.copy).
    config: the policy, the guards, the adapters and their lists.
    tell: is called for each recipient, and for each mail that names none or is left for a person.
    unripe: what is decided is done at once, whatever the policy's `settle` says.
    jobs: how many processes read; the ledger is written by this one alone.
    """
    state = _Run(config, ledger, tell, now)
    state.live = state.summary.live = live
    deciding = Deciding(config, ledger, state.summary, now, unripe=unripe)
    read = partial(_read, limits=config.limits)
    with closing(each(state.unread(found), read, jobs)) as reports:
        for item, report in reports:
            if isinstance(item, Found) and report is not None:
                state.take(item, report, deciding)
    state.flush(deciding)
    deciding.rest()
    deciding.ended()
    deciding.guard()
    if live:
        act(ledger, config.adapters, state.summary, now, unripe=unripe)
        ledger.purge(config.retention, now)
    state.summary.held = ledger.count_held()
    ledger.mark_storms_told(now)
    return state.summary

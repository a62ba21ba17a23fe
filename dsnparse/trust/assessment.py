"""How sure it is that a report answers our own mail to one recipient, and who the subscriber is.

Strong: it came to a return path that carries our signature for that recipient.  Weak: it answers a Message-ID that we
sent to that recipient; every reader of the list knows that one, so it is no secret.  Else none.

Only a failure report, or a complaint, is weighed.  An automatic answer, a letter, or a notice of delay that came to a
genuine return path shows nothing, and no other text of a mail is searched for subscribers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.model import Action, Kind, Trust
from dsnparse.text.addresses import bare
from dsnparse.trust.keys import folded, subscriber_key
from dsnparse.trust.token import Problem, check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dsnparse.model import Recipient, Report
    from dsnparse.trust.settings import TrustSettings
    from dsnparse.trust.token import Token

__all__ = ["Assessment", "SentRow", "assess"]

_FAILED: Final = frozenset({Action.FAILED, None})  # None: a notice in free text that states no action
_UNCLAIMED: Final = frozenset({Problem.NOT_OURS, Problem.NO_KEYS})  # then there is nothing to say of a token
_MOST: Final = 100  # of people that one subscriber's address stands for (RFC 5321 section 4.5.3.1.8)
_SKEW: Final = timedelta(days=1)  # that the sending machine's clock may be ahead of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRow:
    """One mail that we sent to one subscriber, as the ledger was told."""

    message_id: str  # without angle brackets
    address: str
    list: str = ""
    key: bytes | None = None  # the subscriber's key in its return path
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What is known of one recipient of a report."""

    trust: Trust = Trust.NONE
    address: str | None = None  # the subscriber, as the token, the ledger or the report has it
    list: str = ""  # empty where neither the token nor the ledger knows it; tokens have it in lower case
    stand_in: str | None = None  # takes the place of the failed mail's Message-ID, so that no copy counts twice
    final_address: str | None = None  # who failed, where that is another than the subscriber
    why: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What a report is weighed against."""

    report: Report
    sent: Sequence[SentRow]
    settings: TrustSettings
    by_key: Callable[[bytes], SentRow | None] | None

    def row(self, token: Token) -> SentRow | None:
        """Return what the ledger knows of a token's subscriber."""
        row = next((row for row in self.sent if row.key == token.key), None)
        return row or (self.by_key(token.key) if self.by_key is not None else None)

    def default(self, address: str, token: Token) -> bool:
        """Tell whether a token bears the default key of an address, under the secret that signed it."""
        key = self.settings.keys.get(token.key_id)
        return key is not None and subscriber_key(address, key) == token.key

    def rows(self, address: str) -> list[SentRow]:
        """Return that the mail was sent to an address."""
        return [row for row in self.sent if folded(row.address) == folded(address)]


def assess(  # noqa: PLR0913, PLR0917 - what is known from six sides
    recipient: Recipient,
    report: Report,
    envelope: str | None,
    sent: Sequence[SentRow],
    settings: TrustSettings,
    now: datetime,
    *,
    by_key: Callable[[bytes], SentRow | None] | None = None,
) -> Assessment:
    """Weigh one recipient of a report; never raises, whatever the mail says.

    recipient: one of report.recipients, or `Recipient()` for a report that names nobody.
    envelope: what `envelope_recipient` returned for the mail.
    sent: the ledger's rows for report.original.message_id.
    now: when the report came, by our own system; a token's age, and that of what was sent, is counted up to then.
    by_key: the ledger's newest row of a subscriber's key.

    For complaints read the report with `headers=("return-path",)`, so that the returned mail's own return path counts.
    """
    named = _named(recipient)
    nothing = Assessment(address=named[0] if named else None, why="")
    if reason := _not_weighed(recipient, report):
        return replace(nothing, why=reason)
    known = _Known(report, sent, settings, by_key)
    token, problem = _token(report, envelope, settings, now)
    if token is not None:
        signed = _signed(token, named, known)
        return signed or replace(nothing, why="came to a return path that was given to somebody else")
    for address in named:
        rows = [row for row in known.rows(address) if -_SKEW <= now - row.at <= settings.max_age]
        if rows:
            return Assessment(
                trust=Trust.WEAK,
                address=rows[0].address,
                list=_one_list(rows, report),
                final_address=_other(named, rows[0].address),
                why=f"answers a mail that we sent to this address{problem}",
            )
    return replace(nothing, why=f"nothing shows that it answers a mail of ours to this address{problem}")


def _named(recipient: Recipient) -> tuple[str, ...]:
    """Return the addresses of one recipient: that which we sent to first (RFC 3464 section 2.3.1), then who failed."""
    both = (recipient.original_address, recipient.address)
    return tuple(dict.fromkeys(bare(address) for address in both if address and bare(address)))


def _not_weighed(recipient: Recipient, report: Report) -> str | None:
    """Return why a report shows nothing at all."""
    if any(defect.code == "report_forwarded" for defect in report.defects):
        return "a report that somebody passed on"
    if report.kind is Kind.FEEDBACK:
        return None
    if report.kind is not Kind.BOUNCE:
        return f"no failure report: {report.kind}"
    if recipient.action not in _FAILED:
        return f"this recipient did not fail: {recipient.action}"
    return None


def _token(report: Report, envelope: str | None, settings: TrustSettings, now: datetime) -> tuple[Token | None, str]:
    """Return the valid token, else words on why one that was claimed is not.

    A complaint goes to another mailbox, and tells the return path of the mail that it is about.  That is in the hands
    of who wrote it, but nobody can make up a token: it shows that they had a mail that went to that subscriber.
    """
    places = [envelope]
    if report.kind is Kind.FEEDBACK:
        places += [report.extra.get("original-mail-from"), *report.original.headers.get("return-path", ())]
    problem = ""
    for place in places:
        checked = check(bare(place) if place else None, settings, now)
        if checked.token is not None:
            return checked.token, ""
        if checked.problem not in _UNCLAIMED and not problem:
            problem = f"; its return path is not valid: {checked.detail}"
    return None, problem


def _signed(token: Token, named: tuple[str, ...], known: _Known) -> Assessment | None:
    """Return what a valid token shows, None where it shows nothing for this recipient."""
    row = known.row(token)

    def is_subscriber(address: str) -> bool:
        return known.default(address, token) or (row is not None and folded(row.address) == folded(address))

    address = next(filter(is_subscriber, named), None)
    why = "came to the return path that we signed for this address"
    if address is None:
        others = known.report.recipients
        if row is None or len(others) > _MOST or any(is_subscriber(one) for each in others for one in _named(each)):
            return None  # the subscriber is unknown, or the report names them too: then this one is a stranger
        address = row.address
        if named:
            why = f"came to the return path that we signed for {address}, and tells of another address"
    return Assessment(
        trust=Trust.STRONG,
        address=address,
        list=token.list or _list_by_ledger(token, row, address, known),
        stand_in=token.id,
        final_address=_other(named, address),
        why=why,
    )


def _list_by_ledger(token: Token, row: SentRow | None, address: str, known: _Known) -> str:
    """Return the list for a form without {list}: by the mail, else by a key of the sender's own making.

    The default key of a subscriber is the same on every list, and so names none.
    """
    if rows := known.rows(address):
        return _one_list(rows, known.report)
    return "" if row is None or known.default(row.address, token) else row.list


def _other(named: Sequence[str], address: str) -> str | None:
    """Return who failed where that is another than the subscriber."""
    final = named[-1] if named else None
    return final if final is not None and folded(final) != folded(address) else None


def _one_list(rows: Sequence[SentRow], report: Report) -> str:
    """Return the list of a mail; of one that went to several, the list that the returned header names, or none."""
    lists = list(dict.fromkeys(row.list for row in rows))
    if len(lists) == 1:
        return lists[0]
    list_id = (report.original.list_id or "").lower()
    return next((name for name in lists if name.lower() == list_id), "")

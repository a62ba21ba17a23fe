"""What a mail to a list's bounce address shows against the members of that list.  Pure: Mailman is asked by others.

Mailman's return paths carry no secret, so nothing here is certain; but a report must at least agree with itself: it
names the member of the return path that it came to, and the mail that it returns is the list's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.model import Action, BounceType, Kind
from dsnparse.trust.keys import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dsnparse.model import Recipient, Report

__all__ = ["Finding", "hard_failures", "weigh"]

_FAILED: Final = frozenset({Action.FAILED, None})  # None: a notice in free text that states no action
_UNDERSTOOD: Final = frozenset({Kind.DELAYED, Kind.DELIVERED, Kind.RECEIPT, Kind.AUTOREPLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is to be done about one mail."""

    dead: tuple[str, ...] = ()  # members whose address is dead, in lower case
    person: bool = False  # whether the list's owners should look at it
    notes: tuple[str, ...] = ()  # for the log, one line each


def hard_failures(report: Report) -> tuple[Recipient, ...]:
    """Return the recipients whose address a failure report calls dead."""
    if report.kind is not Kind.BOUNCE:
        return ()
    failed = (one for one in report.recipients if one.action in _FAILED)
    return tuple(one for one in failed if one.verdict.bounce_type is BounceType.HARD)


def weigh(report: Report, *, list_id: str, claimed: Collection[str], is_member: Callable[[str], bool]) -> Finding:
    """Weigh one mail; never raises, whatever the mail says.

    list_id: of the list whose bounce address it came to.
    claimed: the members that this address names, by VERP or by a probe's token; empty for the plain address.
    is_member: whether an address, in lower case as Mailman keeps them, is a member of the list.
    """
    codes = {defect.code for defect in report.defects}
    if "internal_error" in codes or "report_forwarded" in codes:
        return Finding(person=True, notes=("not understood, or passed on by a person",))
    if report.kind is not Kind.BOUNCE:
        return Finding(person=report.kind not in _UNDERSTOOD, notes=(f"no failure: {report.kind}",))
    failed = [one for one in report.recipients if one.action in _FAILED]
    dead: list[str] = []
    notes = [] if failed else ["names no recipient"]
    person = not failed
    for one in failed:
        if one.verdict.bounce_type is BounceType.SOFT:
            notes.append(f"{one.address!a}: {one.verdict.reason}, the address may live")
            continue
        address, problem = _subscriber(one, report, list_id, claimed)
        if problem:
            person = True
            notes.append(f"{one.address!a}: {problem}")
        elif not is_member(address):
            notes.append(f"{address}: no member")
        elif address not in dead:
            dead.append(address)
            notes.append(f"{address}: {one.verdict.reason}")
    return Finding(dead=tuple(dead), person=person, notes=tuple(notes))


def _subscriber(one: Recipient, report: Report, list_id: str, claimed: Collection[str]) -> tuple[str, str]:
    """Return the member that a failure is about, or why that cannot be said."""
    if one.verdict.bounce_type is None:
        return "", "does not say why"
    final = checked(one.address)
    address = checked(one.original_address) or final
    if address is None:
        return "", "no usable address"
    if final is not None and _local(final) != _local(address):
        return "", f"mail for {address} goes on to it, and it is dead"
    returned = report.original.list_id
    if (returned is not None or not claimed) and (returned or "").lower() != list_id.lower():
        return "", "nothing shows that it answers mail of this list"
    if not claimed:
        return address.lower(), ""
    member = next((each for each in claimed if _same(each, address)), None)
    return (member.lower(), "") if member else ("", "came to the return path of another member")


def _same(claimed: str, address: str) -> bool:
    """Tell whether a report names the member of the return path; a host behind the domain is no other member."""
    if folded(claimed) == folded(address):
        return True
    domain = f".{claimed.rpartition('@')[2]}".lower()
    return _local(claimed) == _local(address) and address.lower().endswith(domain)


def _local(address: str) -> str:
    return address.rpartition("@")[0].lower()

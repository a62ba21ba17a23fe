"""A drop-in for flufl.bounce 6: `scan_message` and `all_failures` with its signatures and types.

Change `from flufl.bounce import scan_message` to `from dsnparse.compat import scan_message`; the answers come from
[dsnparse.parse][dsnparse.reading.parse].

What these two functions cannot carry, as those of flufl.bounce cannot: whether the *address* is dead. A full mailbox, a
spam block, an expired queue are permanent here when the message was given up, because the message is. List software
that unsubscribes people should ask `parse` and look at `verdict.bounce_type`.

As in flufl.bounce, a recipient is named by the address that the report is about, and by the address that the sender
used where the notice shows that it was an alias. Nothing is raised for any message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsnparse.model import Action
from dsnparse.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from dsnparse.model import Recipient, Report

__all__ = ["all_failures", "scan_message"]


def scan_message(msg: Message) -> frozenset[bytes]:
    """Return the addresses of all recipients that failed for good; empty when there are none."""
    return all_failures(msg)[1]


def all_failures(msg: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return (addresses still being tried, addresses that failed for good)."""
    report = parse(msg)
    failed = frozenset(_addresses(report, Action.FAILED))
    return frozenset(_addresses(report, Action.DELAYED)) - failed, failed


def _addresses(report: Report, action: Action) -> Iterator[bytes]:
    for recipient in report.recipients:
        if recipient.action is action:
            yield from _names(recipient, report)


def _names(recipient: Recipient, report: Report) -> Iterator[bytes]:
    """Yield the addresses of one recipient; a report in RFC 3464 form names the original one, where it knows it."""
    wanted = [recipient.original_address or recipient.address]
    if report.format != "rfc3464":
        wanted = [recipient.address, recipient.original_address]
    for address in wanted:
        if address:
            yield address.encode("utf-8", "surrogateescape")

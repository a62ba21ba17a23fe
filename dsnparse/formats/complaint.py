"""Complaints without a feedback report: a field that the provider puts into the returned mail names the complainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found
from dsnparse.text.addresses import find_addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

# Outlook.com's Junk Mail Reporting Program.
_FIELDS: Final = ("x-hmxmroriginalrecipient:",)
_LINES: Final = 40


def read(notice: Notice) -> Iterator[Found]:
    """Yield the complaining recipient, without action."""
    part = notice.message.returned
    for line in part.text().split("\n", _LINES)[:_LINES] if part else ():
        if line.lower().startswith(_FIELDS):
            for address in find_addresses(line):
                yield Found(address=address, action=None)

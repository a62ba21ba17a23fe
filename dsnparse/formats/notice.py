"""A notice as its readers see it: the text without the returned mail, and the same flattened once for all look-ups."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from dsnparse.formats.returned import split
from dsnparse.text.addresses import bare, domain_of, header_addresses, is_daemon

if TYPE_CHECKING:
    from dsnparse.message import Message

__all__ = ["MAX_LINE", "MAX_LINES", "Notice"]

_HEAD: Final = 2_000  # characters at the start of a notice in which its host introduces itself
_AUTHOR: Final = re.compile(
    r"(?:program at(?: host)?|mail system at host|mail agent \S{1,40} at|mail server (?:at|on)|generating server:|"
    r"status notification from|reporting-mta:(?: dns;)?)\s{1,9}<?([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.IGNORECASE,
)
MAX_LINES: Final = 5_000  # as many as a notice on MAX_RECIPIENTS recipients has, with five lines for each
MAX_LINE: Final = 2_000  # characters of one line that are matched; RFC 5321 lines are 1,000 at most


class Notice:
    """The text of one mail that may be a notice."""

    def __init__(self, message: Message, text: str | None = None) -> None:
        self.message = message
        self.text, self.returned = split(message.notice if text is None else text)
        self.flat = " ".join(self.text.lower().split())
        self.subject = (message.header.get("subject") or "").lower()
        self.sender = (message.header.get("from") or "").lower()

    @cached_property
    def lines(self) -> list[str]:
        """The first MAX_LINES lines of the text, each at most MAX_LINE characters, without blanks at the end."""
        return [line[:MAX_LINE].rstrip() for line in self.text.split("\n", MAX_LINES)[:MAX_LINES]]

    @cached_property
    def failed_header(self) -> list[str]:
        """The addresses of X-Failed-Recipients (Exim's, and Google's): several fields, or several in one."""
        values = self.message.header.all("x-failed-recipients")
        found = [bare(item) for value in values for item in value.split(",")]
        return list(dict.fromkeys(address for address in found if "@" in address))

    @cached_property
    def author(self) -> str | None:
        """The host that wrote the notice: as its text names it, else the one of its MAILER-DAEMON."""
        if named := _AUTHOR.search(self.text[:_HEAD]):
            return named[1].rstrip(".:,")
        daemons = [item for item in header_addresses(self.sender) if is_daemon(item)]
        return domain_of(daemons[0]) or None if daemons else None

    @cached_property
    def bystanders(self) -> frozenset[str]:
        """Lower-case addresses that stand in a notice without being its recipient: its own sender and addressee."""
        names = ("from", "to", "cc", "reply-to", "sender", "return-path", "delivered-to", "errors-to")
        header = self.message.header
        found = [address for name in names for value in header.all(name) for address in header_addresses(value)]
        return frozenset(bare(address).lower() for address in found)

    def is_bystander(self, address: str) -> bool:
        """Tell whether an address is the notice's sender or addressee, or a mail system's own."""
        return is_daemon(address) or bare(address).lower() in self.bystanders

"""A notice as its readers see it: the text without the returned mail, and the same flattened once for all look-ups."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from dsnparse.formats.returned import split
from dsnparse.formats.told import Told
from dsnparse.message import read_header
from dsnparse.reports.notice import from_daemon, null_return_path
from dsnparse.reports.original import returned_header
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
_FOR: Final = re.compile(r"\sfor\s{1,4}<([^<>\s]{1,320}@[^<>\s]{1,255})>")
_ADDRESSED: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
MAX_LINES: Final = 5_000  # as many as a notice on MAX_RECIPIENTS recipients has, with five lines for each
MAX_LINE: Final = 2_000  # characters of one line that are matched; RFC 5321 lines are 1,000 at most


class Notice:
    """The text of one mail that may be a notice."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.subject = (message.header.get("subject") or "").lower()
        self.sender = (message.header.get("from") or "").lower()

    @cached_property
    def marked(self) -> bool:
        """Whether the header says that this is a report on mail, beyond doubt."""
        return self.message.content_type == "multipart/report" or "x-failed-recipients" in self.message.header

    @cached_property
    def by_daemon(self) -> bool:
        """Whether a mail system names itself as the author."""
        return from_daemon(self.message)

    @cached_property
    def by_nobody(self) -> bool:
        """Whether the return path is null."""
        return null_return_path(self.message)

    @cached_property
    def _split(self) -> tuple[str, str | None]:
        text = self.message.notice
        if not (self.marked or self.by_nobody or self.by_daemon):
            # Who quotes a notice, a ticket system say, answers and reports nothing.
            text = "\n".join(line for line in text.split("\n") if not line.startswith(">"))
        return split(text)

    @property
    def text(self) -> str:
        """The text without the returned mail; where only the subject speaks of a notice, without quoted lines too."""
        return self._split[0]

    @property
    def returned(self) -> str | None:
        """The header of the returned mail where the text carries it."""
        return self._split[1]

    @cached_property
    def flat(self) -> str:
        """The text in lower case with white space as one blank."""
        return " ".join(self.text.lower().split())

    @cached_property
    def lines(self) -> list[str]:
        """The first MAX_LINES lines of the text, each at most MAX_LINE characters, without blanks at the end."""
        return [line[:MAX_LINE].rstrip() for line in self.text.split("\n", MAX_LINES)[:MAX_LINES]]

    @cached_property
    def told(self) -> Told:
        """Where the lines tell of a failure or a delay."""
        return Told(self.lines)

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
    def returned_to(self) -> list[str]:
        """The addresses to which the returned mail went, each once: of Received (`for <address>`), To and Cc."""
        part = self.message.returned
        if part is not None:
            header = returned_header(part)
        else:
            header, _, _ = read_header((data := (self.returned or "").encode("utf-8", "replace")), 0, len(data))
        named = [found for value in header.all("received") for found in _FOR.findall(value)]
        fields = [value for name in _ADDRESSED for value in header.all(name)]
        found = [*named, *(address for value in fields for address in header_addresses(value))]
        return list({address.lower(): address for address in reversed(found)}.values())

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

"""A notice as its readers see it: the text without the returned mail, and the same flattened once for all look-ups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.formats.lazy import lazy
from dsnparse.formats.returned import split
from dsnparse.formats.template import flattened
from dsnparse.formats.told import Told
from dsnparse.message import read_header
from dsnparse.reports.notice import from_daemon, null_return_path
from dsnparse.reports.original import returned_header
from dsnparse.text.addresses import bare, domain_of, header_addresses, is_daemon
from dsnparse.text.limits import MAX_MISSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsnparse.message import Message

__all__ = ["Notice"]

_HEAD: Final = 2_000  # characters at the start of a notice in which its host introduces itself
_AUTHOR: Final = re.compile(
    r"(?:program at(?: host)?|mail system at host|mail agent \S{1,40} at|mail server (?:at|on)|generating server:|"
    r"status notification from|reporting-mta:(?: dns;)?)\s{1,9}<?([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.IGNORECASE,
)
_INTRODUCED: Final = (  # one of these begins every `_AUTHOR`
    *("program at", "mail system at host", "mail agent ", "mail server ", "generating server:"),
    *("status notification from", "reporting-mta:"),
)
_FOR: Final = re.compile(r"\sfor\s{1,4}<([^<>\s]{1,320}@[^<>\s]{1,255})>")
_ADDRESSED: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")


class Notice:
    """The text of one mail that may be a notice."""

    def __init__(self, message: Message) -> None:
        self.message = message

    @lazy
    def subject(self) -> str:
        """Return the subject in lower case."""
        return (self.message.header.get("subject") or "").lower()

    @lazy
    def sender(self) -> str:
        """Return the From field in lower case."""
        return (self.message.header.get("from") or "").lower()

    @lazy
    def marked(self) -> bool:
        """Whether the header says that this is a report on mail, beyond doubt."""
        return self.message.content_type == "multipart/report" or "x-failed-recipients" in self.message.header

    @lazy
    def by_daemon(self) -> bool:
        """Whether a mail system names itself as the author."""
        return from_daemon(self.message)

    @lazy
    def by_nobody(self) -> bool:
        """Whether the return path is null."""
        return null_return_path(self.message)

    @lazy
    def _split(self) -> tuple[str, str | None]:
        text = self.message.notice
        if ">" in text and not (self.marked or self.by_nobody or self.by_daemon):
            # Who quotes a notice, a ticket system say, answers and reports nothing.
            text = "\n".join([line for line in text.split("\n") if not line.startswith(">")])
        parts = split(text)
        if self.message.notice_cut and parts[1] is None:  # what follows a returned mail names no recipient
            self.message.reached("text_too_long", f"over {self.message.limits.text} characters")
        return parts

    @lazy
    def text(self) -> str:
        """Return the text without the returned mail; where only the subject speaks of a notice, without quotes too."""
        return self._split[0]

    @property
    def returned(self) -> str | None:
        """The header of the returned mail where the text carries it."""
        return self._split[1]

    @lazy
    def _parted(self) -> list[str]:
        return self.text.lower().split()

    @lazy
    def flat(self) -> str:
        """Return the text in lower case with white space as one blank."""
        return " ".join(self._parted)

    def present(self, phrases: Iterable[str]) -> list[str]:
        """Return those of the phrases, or shapes of sentences, whose fixed words stand in the text."""
        return [words for words in phrases if flattened(words) in self.flat]

    @lazy
    def words(self) -> frozenset[str]:
        """Return what stands between the blanks of `flat`, for look-ups."""
        return frozenset(self._parted)

    @lazy
    def lines(self) -> list[str]:
        """Return the first lines of the text as far as the limits go, without blanks at the end."""
        limits = self.message.limits
        text = self.text
        lines = text.split("\n", limits.lines)
        if len(lines) > limits.lines:
            self.message.reached("text_too_long", f"over {limits.lines} lines")
        if len(text) > limits.line and any(len(line) > limits.line for line in lines):
            self.message.reached("text_too_long", f"a line over {limits.line} characters")
        return [line[: limits.line].rstrip() for line in lines[: limits.lines]]

    def left(self) -> None:
        """Record that a sentence's fixed words stand in more places than were looked at."""
        self.message.reached("text_too_long", f"over {MAX_MISSES} places that are like a sentence on a recipient")

    @lazy
    def told(self) -> Told:
        """Where the lines tell of a failure or a delay."""
        return Told(self.lines)

    @lazy
    def failed_header(self) -> list[str]:
        """Return the addresses of X-Failed-Recipients (Exim's and Google's): several fields, or several in one."""
        values = self.message.header.all("x-failed-recipients")
        found = [bare(item) for value in values for item in value.split(",")]
        return list(dict.fromkeys(address for address in found if "@" in address))

    @lazy
    def author(self) -> str | None:
        """Return the host that wrote the notice: as its text names it, else the one of its MAILER-DAEMON."""
        low = self.text[:_HEAD].lower()
        start = min((at for words in _INTRODUCED if (at := low.find(words)) >= 0), default=-1)
        # Before these words nothing is found; where lower case has another length a place means nothing.
        begin = start if low.isascii() else 0
        if start >= 0 and (named := _AUTHOR.search(self.text[:_HEAD], begin)):
            return named[1].rstrip(".:,")
        daemons = [item for item in header_addresses(self.sender) if is_daemon(item)]
        return domain_of(daemons[0]) or None if daemons else None

    @lazy
    def returned_to(self) -> list[str]:
        """Return the addresses to which the returned mail went, each once: of Received (`for <...>`), To and Cc."""
        part = self.message.returned
        if part is not None:
            header, _ = returned_header(part)
        else:
            header, _, _ = read_header((data := (self.returned or "").encode("utf-8", "replace")), 0, len(data))
        named = [found for value in header.all("received") for found in _FOR.findall(value)]
        fields = [value for name in _ADDRESSED for value in header.all(name)]
        found = [*named, *(address for value in fields for address in header_addresses(value))]
        return list({address.lower(): address for address in reversed(found)}.values())

    @lazy
    def bystanders(self) -> frozenset[str]:
        """Lower-case addresses that stand in a notice without being its recipient: its own sender and addressee."""
        names = ("from", "to", "cc", "reply-to", "sender", "return-path", "delivered-to", "errors-to")
        header = self.message.header
        found = [address for name in names for value in header.all(name) for address in header_addresses(value)]
        return frozenset(bare(address).lower() for address in found)

    def is_bystander(self, address: str) -> bool:
        """Tell whether an address is the notice's sender or addressee, or a mail system's own."""
        return is_daemon(address) or bare(address).lower() in self.bystanders

"""Sendmail 5 to 8: lists of addresses by kind of trouble, and the transcript of the session.

Source: Sendmail savemail.c (errbody) prints the lists, err.c (putoutmsg) the lines `550 5.1.1 <address>... User
unknown`, deliver.c and usersmtp.c the dialogue with `>>>` and `<<<`. Sendmail 5 and its vendor versions print the
transcript only.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found
from dsnparse.formats.lazy import lazy
from dsnparse.model import Action, Stage
from dsnparse.text.addresses import bare, domain_of, find_addresses, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_CONNECT: Final = Stage.CONNECT
_RCPT: Final = Stage.RCPT
_EOD: Final = Stage.EOD

_LISTS: Final = (
    (
        re.compile(
            r"addresse?s? (?:had|has|have) (?:permanent )?(?:fatal |delivery )?(?:errors|problems|notifications)"
        ),
        Action.FAILED,
    ),
    (re.compile(r"address(?:es)? (?:had|has|have) transient"), Action.DELAYED),
    (re.compile(r"address(?:es)? (?:had|has|have) successful"), Action.DELIVERED),
)
# Sendmail savemail.c: what it says of those that need no bounce, in a return receipt.
_DONE: Final = (
    ("successfully delivered", Action.DELIVERED),
    ("relayed", Action.RELAYED),
    ("expanded to multiple addresses", Action.EXPANDED),
    ("expanded by mailing list", Action.EXPANDED),
)
_DONE_WORDS: Final = tuple(words for words, _ in _DONE)
_SESSION: Final = "transcript of session follows"
_TALKING: Final = re.compile(r"\W{0,6}while talking to (\S{1,255}?)\.?:", re.IGNORECASE)
_COMMAND: Final = re.compile(r"[> \t]{0,4}>>>\s?(.{1,500})")
# Sendmail pipelines: what follows DATA may be the answer to RCPT.
_STAGES: Final = {"helo": Stage.HELO, "ehlo": Stage.HELO, "mail": Stage.MAIL, "rcpt": _RCPT, ".": _EOD, "bdat": _EOD}
_REPLY: Final = re.compile(r"[> \t]{0,4}<<<\s?(.{1,1000})")
_LINE: Final = re.compile(
    r"[> \t]{0,4}(?:(?P<code>[245]\d\d)[ -])?(?:(?P<status>[245]\.\d{1,3}\.\d{1,3}) )?"
    r"(?P<who>[^\s,]{1,320}|\"[^\"]{1,300}\")(?: \((?P<mailer>[\w.-]{1,40})\))?"
    r"(?:,[^\n]{0,300}?)?\.\.\. ?(?P<text>.{0,1000})"
)
_MEMBER: Final = re.compile(
    r"(?:>>>[ \t]*)?<?(?P<address>[^<>\s()]{1,320}|\"[^\"]{1,300}\")>?[ \t]*(?:<(?P<angle>[^<>\s]{1,320})>[ \t]*)?"
    r"(?:\((?P<how>unrecoverable error|transient failure|[^()]{0,80})\)"
    r"|\[(?P<why>[^\[\]]{1,300})\]|-[ \t]*(?P<rest>\S.{0,500}))?$"
)
_GIVEN_UP: Final = re.compile(
    r"could not be delivered for|will be deleted from queue|cannot send message (?:for|within)", re.IGNORECASE
)
_TELLING: Final = re.compile(r"(?<![\w.])[45]\.(?!0\.0)\d{1,3}\.\d{1,3}(?![\w.])")
_KINDS: Final = re.compile("unrecoverable error|transient failure|expanded from", re.IGNORECASE)
_NOTE: Final = re.compile(r"\((?P<name>reason|expanded from):?\s*(?P<value>.*)")


class _Entry:
    __slots__ = ("action", "address", "original", "reason")

    def __init__(self, address: str, action: Action, reason: str) -> None:
        self.address = address
        self.action = action
        self.original: str | None = None
        self.reason = reason


def read(notice: Notice) -> Iterator[Found]:
    """Yield each recipient of the lists, else of the transcript, with what the transcript says of it."""
    entries, rest = _lists(notice.lines)
    transcript = _Transcript(rest or notice.lines)
    if not entries:
        named = transcript.refused(notice)
        entries = [_Entry(address, transcript.done.get(address.lower(), Action.FAILED), "") for address in named]
    for entry in entries:
        text, host, stage = transcript.of(entry.address, entry.reason, alone=len(entries) == 1)
        address, original = entry.address, entry.original
        if "@" not in address and original and "@" in original:
            address, original = original, None
        yield Found(address=address, original=original, text=text, host=host, stage=stage, action=entry.action)


def _lists(lines: list[str]) -> tuple[list[_Entry], list[str]]:
    """Return the entries of all lists, and the lines of the transcript."""
    entries: list[_Entry] = []
    action: Action | None = None
    note = ""
    for number, raw in enumerate(lines):
        line = raw.strip(" \t")
        heading = line.lower().strip("- ")
        if raw.lstrip(" \t>").startswith("-") or heading == _SESSION:
            if _SESSION in heading:
                return entries, lines[number + 1 :]
            action = next((kind for pattern, kind in _LISTS if pattern.search(heading)), None)
            note = ""
        elif action is None:
            continue
        elif note and entries:
            _add_note(entries[-1], note, line)
            note = "" if line.endswith(")") or not line else note
        elif found := _NOTE.match(line):
            if entries:
                _add_note(entries[-1], found["name"], found["value"])
                note = "" if line.endswith(")") else found["name"]
        elif member := _MEMBER.match(raw.strip()):
            how = member["how"] or ""
            kind = Action.DELAYED if "transient" in how.lower() and action is Action.FAILED else action
            told = how if how and not _KINDS.search(how) else ""
            # A display name may stand in front of the address: `"alice" <alice@example.org>`.
            named = "@" in member["address"] or "@" not in (member["angle"] or "")
            address = bare(member["address"] if named else member["angle"])
            entries.append(_Entry(address, kind, member["why"] or member["rest"] or told))
    return entries, []


def _add_note(entry: _Entry, name: str, text: str) -> None:
    text = text.removesuffix(")").strip()
    if name == "reason":
        entry.reason = f"{entry.reason} {text}".strip()
    elif not entry.original:
        entry.original = bare(text)


class _Transcript:
    """The session: what was said to whom, and the lines that sum it up."""

    def __init__(self, lines: list[str]) -> None:
        self.said: dict[str, list[str]] = {}  # by lower-case address: the remote's replies
        self.summed: dict[str, list[str]] = {}  # by lower-case address or host: Sendmail's own line
        self.hosts: dict[str, str] = {}
        self.stages: dict[str, Stage | None] = {}
        self.done: dict[str, Action] = {}  # by lower-case address: those that were reached
        self.order: list[str] = []  # addresses as printed
        self.only_host = ""
        self.refused_at: dict[str, Stage | None] = {}  # by host: where it refused before any recipient was named
        self._lines = lines
        self._walk(lines)

    @lazy
    def given_up(self) -> str:
        """Return the line that says that Sendmail stops trying, or will."""
        return next((line.strip() for line in self._lines if _GIVEN_UP.search(line)), "")

    @lazy
    def all(self) -> str:
        """Return all lines that say anything."""
        return "\n".join(line.strip() for line in self._lines if line.strip())

    def _walk(self, lines: list[str]) -> None:
        host = ""
        stage: Stage | None = None
        target = ""
        replies: list[str] = []
        for line in filter(None, lines):
            if talking := _TALKING.match(line.strip()):
                host, stage, target, replies = talking[1], _CONNECT, "", []
                self.only_host = host if self.only_host in {"", host} else "-"
            elif command := _COMMAND.match(line):
                stage = _STAGES.get(command[1].strip().partition(" ")[0].lower())
                address = (find_addresses(command[1]) or [""])[0]
                if stage is _RCPT:
                    target, replies = address, []
                else:
                    target, replies = "", replies if stage is _EOD else []
            elif reply := _REPLY.match(line):
                replies.append(reply[1])
                if reply[1][:1] in "45" and not target:
                    self.refused_at[host] = stage
                if target and reply[1][:1] in "45":
                    self._note(target, host, stage)
                    self.said.setdefault(target.lower(), []).append(reply[1])
            elif summed := _LINE.match(line):
                # Another host: what came before is not its.
                if summed["mailer"] and summed["who"].lower() != host.lower():
                    host, stage, target, replies = summed["who"], None, "", []
                own = not target or same(target, summed["who"])
                self._sum(summed, host, stage, replies if own else [])

    def _sum(self, match: re.Match[str], host: str, stage: Stage | None, replies: list[str]) -> None:
        who, line = bare(match["who"]), match.string.strip()
        self.summed.setdefault(who.lower(), []).append(line)
        told = match["text"].lower()
        if told.startswith(_DONE_WORDS):
            self.done[who.lower()] = next(action for words, action in _DONE if told.startswith(words))
        if match["mailer"] or (match["code"] or "")[:1] == "2":
            return
        if replies and who.lower() not in self.said and any(reply[:1] in "45" for reply in replies):
            self.said[who.lower()] = list(replies)
            self._note(who, host, stage)
        if "@" in who:
            self._note(who, host, self.stages.get(who.lower()))

    def _note(self, address: str, host: str, stage: Stage | None) -> None:
        if address.lower() not in self.hosts:
            self.order.append(address)
        self.hosts.setdefault(address.lower(), host)
        self.stages[address.lower()] = stage

    def refused(self, notice: Notice) -> list[str]:
        """Return the addresses that the transcript names as refused, else the returned mail's on a host that failed."""
        if self.order:
            return self.order
        targets = [line for line in (notice.returned or "").split("\n") if line.lower().startswith(("to:", "cc:"))]
        found = [address for line in targets for address in find_addresses(line)]
        return [address for address in found if domain_of(address) in self.summed]

    def of(self, address: str, reason: str, *, alone: bool) -> tuple[str, str | None, Stage | None]:
        """Return (text, host, stage) for one recipient: the text that states most, the remote's own words first."""
        key = bare(address).lower()
        names = [name for name in (key, key.partition("@")[0]) if name in self.said or name in self.summed]
        name = names[0] if names else key
        said = "\n".join(self.said.get(name, ()))
        summed = "\n".join(self.summed.get(name, ()) or self.summed.get(domain_of(key), ()))
        best = next((text for text in (reason, said, summed) if _has_words(text)), None)
        if best is None:
            best = self.all if alone else ""
        if best == reason and _TELLING.search(summed) and not _TELLING.search(reason) and _words(reason) in summed:
            best = summed  # the reason is Sendmail's own, and this line has its enhanced code
        if "deferred" in summed.lower() and self.given_up:
            best = f"{summed}\n{self.given_up}"
        host = self.hosts.get(name) or (self.only_host.strip("-") if alone else "")
        return best, host or None, self.stages.get(name) if name in self.said else self.refused_at.get(host)


def _has_words(text: str) -> bool:
    """Tell whether a text is more than a number, `(reason: 1)` a program's exit code: a word has four letters."""
    return next(islice(filter(str.isalpha, text[:100]), 3, None), None) is not None


def _words(text: str) -> str:
    return text.lstrip("0123456789.- ")

"""Simple formats as data: each row of formats.toml says how its system's recipient lines and reasons look.

A row is asked only where its tell-tale stands in the notice.  docs/formats.md explains the keys.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from dsnparse.formats.blocks import Found, blocks
from dsnparse.formats.confidence import weighed
from dsnparse.formats.lookup import stands_one
from dsnparse.formats.template import Opener, find_phrase, flattened, line_shape, openings, search_sentences
from dsnparse.frozen import replace
from dsnparse.model import Action, Confidence, Fields, Kind, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dsnparse.formats.notice import Notice
    from dsnparse.model import Block

__all__ = ["Row"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_HIGH: Final = Confidence.HIGH
_LOW: Final = Confidence.LOW

_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n")
_SLOT: Final = re.compile(r"\{\w+\}")
_WHOLE: Final = 1_500  # characters of a notice that stand for the reason where the system marks none
_PARAGRAPH: Final = 2_000  # characters of a paragraph, and on either side of the words that it is around
_HEAD: Final = 400  # characters at the start of a text in which a format without a notice's header must show itself
_ACTIONS: Final = ((Action.FAILED, "failed"), (Action.DELAYED, "delayed"))


def _openers(row: dict[str, Any], key: str) -> tuple[Opener, ...]:
    return tuple(
        Opener(action, words, flattened(words)) for action, name in _ACTIONS for words in row.get(key.format(name), ())
    )


class Row:
    """One format of the table, ready to read notices."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.name: str = row["id"]
        self.row = row
        self.final: bool = row.get("final", False)
        self.confidence = _LOW if row["provenance"] == "recalled" else _HIGH
        self.openers = _openers(row, "{}")
        self.sentences = _openers(row, "{}_sentence")
        self.needles = tuple(known.needle for known in (*self.openers, *self.sentences))
        self.tell = tuple(row.get("tell", ()))
        self.words = self.tell or self.needles  # of which one stands in every notice of this format
        self.separator: str = row.get("separator", "\n")
        self.shapes: tuple[str, ...] = tuple(row.get("recipient", ("{address}", "<{address}>")))
        self.stage = Stage(row["stage"]) if "stage" in row else None
        self.local_domain: str | None = row.get("local_domain")

    @cached_property
    def recipient(self) -> list[re.Pattern[str]]:
        """The shapes of a recipient's line; compiled when a notice of this format comes."""
        return [line_shape(shape) for shape in self.shapes]

    @cached_property
    def bare_recipient(self) -> list[re.Pattern[str]]:
        """The shapes that fit a line without an address: a user's name alone."""
        return [
            line_shape(shape) for shape in self.shapes if not {"{address}", "{original}"} & set(_SLOT.findall(shape))
        ]

    def opens(self, notice: Notice) -> bool:
        """Tell whether the mail begins with the unmistakable words of this format and needs no other sign."""
        head = notice.flat[:_HEAD]
        known = self.row.get("sure", False) and any(word in head for word in (*self.tell, *self.needles))
        return bool(known or self.row.get("always"))

    def tells(self, notice: Notice) -> bool:
        """Tell whether the header bears out the tell-tale that stands in the notice's text."""
        row = self.row
        if "from" in row and not stands_one(row["from"], notice.sender):
            return False
        if "subject" in row and not stands_one(row["subject"], notice.subject):
            return False
        if "header" in row:
            header = notice.message.header
            for name, words in row["header"].items():
                if not stands_one(words, (header.raw(name) or "").lower()) or name not in header:
                    return False
        return True

    def read(self, notice: Notice) -> Fields | None:
        """Return the recipients that the notice names; None when it names none and the format has no kind."""
        found = self.blocks(self._completed(self._found(notice), notice))
        if not found and self.row.get("recipient_header"):
            reason = self._reason_after(notice) or self._opening(notice) or notice.text[:_WHOLE]
            found = self.blocks(Found(address=item, text=reason) for item in notice.failed_header)
        if found:
            return Fields(format=self.name, blocks=found)
        return Fields(format=self.name, kind=Kind(self.row["kind"])) if "kind" in self.row else None

    def blocks(self, items: Iterable[Found]) -> tuple[Block, ...]:
        """Return the blocks of what was found, as sure as the form and the words beside each recipient make them."""
        return weighed(blocks(items, self.confidence))

    def _found(self, notice: Notice) -> list[Found]:
        """Return recipients by sentence, then by section; one place for a recipient that several shapes fit."""
        items = [*self._sentences(notice), *self._sections(notice)]
        return items if len(items) <= 1 else list(_once_each(items))

    def _completed(self, items: list[Found], notice: Notice) -> Iterable[Found]:
        """Add what the row knows: the host, the stage, and the domain that the system means by a bare user name."""
        if items and "host" in self.row:
            host = next((match["host"] for match in search_sentences(self.row["host"], notice.text)), None)
            items = [replace(item, host=host) if host and not item.host else item for item in items]
        if self.stage:
            items = [replace(item, stage=self.stage) for item in items]
        return [self._with_domain(item) for item in items] if self.local_domain else items

    def _with_domain(self, item: Found) -> Found:
        bare = item.address and "@" not in item.address
        return replace(item, address=f"{item.address}@{self.local_domain}") if bare else item

    def _sentences(self, notice: Notice) -> Iterator[Found]:
        flat = notice.flat
        present = [known for known in self.sentences if known.needle in flat]
        shared = self._reason_after(notice) if present else ""
        for action, shape, _ in present:
            for match in search_sentences(shape, notice.text, notice.left):
                own = match.groupdict()
                yield _found(own, own.get("reason") or shared or match[0], action)

    def _sections(self, notice: Notice) -> Iterator[Found]:
        text = notice.text
        places = openings(self.openers, notice.flat, text)
        if not places:
            return
        shared = self._reason_after(notice)
        closing = notice.present(self.row["close"]) if "close" in self.row else ()
        for number, (start, begin, action) in enumerate(places):
            end = places[number + 1][0] if number + 1 < len(places) else len(text)
            if begin > end:
                continue
            for words in closing:
                if match := find_phrase(words, text, begin, end):
                    end = match.start()
            items = self._items(text[begin:end].replace(self.separator, "\n").split("\n"))
            if not items:
                continue
            opening = _paragraph(text, start, begin)
            for own, lines in items:
                words = "\n".join(lines).strip()
                yield _found(own, words or shared or opening, action)

    def _items(self, lines: list[str]) -> list[tuple[dict[str, str | None], list[str]]]:
        """Return each recipient line's slots with the lines of its reason."""
        mode = self.row.get("reason", "below")
        items: list[tuple[dict[str, str | None], list[str]]] = []
        above: list[str] = []
        open_ = False
        for raw in lines:
            line = raw[:2000].rstrip().lstrip(" \t>*\u2022\u00b7\u00a0-")
            shapes = self.recipient if "@" in line else self.bare_recipient
            for shape in shapes:
                if match := shape.match(line):
                    break
            else:
                match = None
            if match is not None:
                own = match.groupdict()
                reason = own.get("reason")
                text = [reason] if reason else []
                items.append((own, list(above) if mode == "before" and not text else text))
                open_ = mode in {"below", "to_next"}
            elif not line:
                open_ = open_ and (mode == "to_next" or not (items[-1][1] or self.row.get("reason_after")))
            elif open_:
                items[-1][1].append(raw[:2000].strip())
            elif mode == "before":
                above = [*above, line] if not items else [line]
        return items

    def _reason_after(self, notice: Notice) -> str:
        """Return the paragraph behind the words that announce the reason for all recipients."""
        for words in notice.present(self.row["reason_after"]) if "reason_after" in self.row else ():
            if match := find_phrase(words, notice.text):
                rest = notice.text[match.end() :].lstrip(" \t\n:-")
                for stop in notice.present(self.row.get("close_reason", ())):
                    if found := find_phrase(stop, rest):
                        rest = rest[: found.start()]
                return _BLANK_LINE.split(rest, maxsplit=1)[0] if "close_reason" not in self.row else rest
        return ""

    def _opening(self, notice: Notice) -> str:
        for words in (*self.row.get("failed", ()), *self.row.get("delayed", ())):
            if match := find_phrase(words, notice.text):
                return _paragraph(notice.text, match.start(), match.end())
        return ""


def _once_each(items: Iterable[Found]) -> Iterator[Found]:
    seen: set[str] = set()
    for item in items:
        names = {name.lower() for name in (item.address, item.original) if name}
        if not names & seen:
            yield item
        seen |= names


def _paragraph(text: str, start: int, end: int) -> str:
    """Return the paragraph around a place, as far as it is near."""
    near, far = max(start - _PARAGRAPH, 0), end + _PARAGRAPH
    head = text.rfind("\n\n", near, start)
    tail = text.find("\n\n", end, far)
    return text[head if head >= 0 else near : tail if tail >= 0 else far].strip()[:_PARAGRAPH]


def _found(own: dict[str, str | None], text: str, action: Action) -> Found:
    return Found(
        address=own.get("address"),
        text=text,
        action=action,
        original=own.get("original"),
        host=own.get("host"),
        status=own.get("status"),
        code=own.get("code"),
    )

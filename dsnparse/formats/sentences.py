"""Recipients in a failure sentence, or in the list below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found
from dsnparse.formats.data import load
from dsnparse.text.addresses import find_addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["below_sentence", "only_one"]

_LIST: Final = 40  # lines behind a sentence in which its list stands
_REASON: Final = 6  # lines of one recipient's reason
_WORDS: Final = 8  # words beside the address in a line of a list


def _stands_apart(line: str) -> bool:
    low = line.lower()
    return any(words in low for words in load("general")["not_recipients"])


class _List:
    """The recipients found so far, and the one whose reason is being read."""

    def __init__(self) -> None:
        self.found: list[tuple[str, list[str]]] = []
        self.reading = False

    def add(self, addresses: list[str], line: str) -> None:
        self.found += [(address, [line.strip()]) for address in addresses]
        self.reading = True

    def reason(self, line: str) -> None:
        if self.reading and len(self.found[-1][1]) < _REASON:
            self.found[-1][1].append(line.strip())


def below_sentence(notice: Notice) -> Iterator[Found]:
    """Yield the addresses of failure sentences and of the lists below them, each with the words beside and below it."""
    if "@" not in notice.text:
        return
    people = _List()
    open_until = -1
    blank = False
    lines = notice.lines
    for number, line in enumerate(lines):
        if not line.strip():
            blank = True
            people.reading = False
            continue
        told = notice.told.around(number)  # a sentence may run over line ends
        here = find_addresses(line) if "@" in line and not _stands_apart(line) else []
        if here and (told or number <= open_until) and (told or len(line.split()) <= _WORDS):
            people.add(here, line)
            open_until = max(open_until, number + _LIST)
        elif told:
            people.reason(line)
            open_until = number + _LIST
        elif blank and people.found and not here:
            open_until = -1
        else:
            people.reason(line)
        blank = False
    for address, text in people.found:
        yield Found(address=address, text="\n".join(text))


def only_one(notice: Notice) -> str | None:
    """Return the only address of the whole notice that could be a recipient."""
    found = {
        address.lower(): address
        for line in notice.lines
        if "@" in line and not _stands_apart(line)
        for address in find_addresses(line)
        if not notice.is_bystander(address)
    }
    return next(iter(found.values())) if len(found) == 1 else None

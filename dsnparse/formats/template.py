"""Line and sentence shapes as the tables write them: `<{address}>: {reason}` instead of a regular expression.

White space in a shape stands for any white space; letters match in either case. Every slot is bounded, so that matching
takes time linear in the line.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dsnparse.text.limits import MAX_MISSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dsnparse.model import Action

__all__ = ["Opener", "find_phrase", "flattened", "line_shape", "openings", "phrase", "search_sentences"]

_LOCAL: Final = r"(?:[^\s<>()\[\]:;,\"|@]{1,200}|\"[^\"\n]{1,100}\")"
_DOMAIN: Final = r"(?:[^\s<>()\[\]:;,\"'|@*]{1,250}|\[[0-9A-Fa-f.:IPVipv]{2,45}\])"
_SLOTS: Final = {
    "address": rf"(?P<address>{_LOCAL}@{_DOMAIN})",
    "original": rf"(?P<original>{_LOCAL}@{_DOMAIN})",
    "mailbox": r"(?P<address>[^<>\n]{1,320})",  # inside angle brackets: a path or a bare user name too
    "user": r"(?P<address>[^\s<>()\[\]:;,\"|]{1,200})",  # a local part alone, or an address
    "original_mailbox": r"(?P<original>[^<>()\n]{1,320})",
    "host": r"(?P<host>[A-Za-z0-9][A-Za-z0-9_.:-]{0,254})",
    "status": r"(?P<status>[245]\.[0-9]{1,3}\.[0-9]{1,3})",
    "code": r"(?P<code>[245][0-9][0-9])",
    "word": r"[^\s<>]{1,250}",
    "some": r"[^\n@<>]{0,200}?",
    "any": r"[^\n]{0,500}?",
}
_SLOT: Final = re.compile(r"\{(\w+)\}")

# White space is never tried again with less of it, but in front of slots that may begin with white space themselves:
# two such pieces beside each other would take the square of a run of blanks.
_SPACE: Final = r"\s{1,40}+"
_LOOSE_SPACE: Final = r"\s{1,9}"
_LOOSE: Final = frozenset({"any", "some", "mailbox", "original_mailbox"})
_WINDOW: Final = 1_500  # characters of a sentence with its reason
_BEFORE: Final = 400  # characters looked at in front of a sentence's fixed words


def _compile(shape: str, reason: str, *, whole: bool) -> re.Pattern[str]:
    pieces = _SLOT.split(shape.rstrip() if whole else shape)
    pattern = ""
    for number, piece in enumerate(pieces):
        if number % 2:
            slot = reason if piece == "reason" else _SLOTS[piece]
            # The last one takes all that is left, and nothing is tried again.
            last = whole and number == len(pieces) - 2 and not pieces[-1]
            pattern += slot.replace("?", "+") if last and piece in {"any", "some"} else slot
        else:
            words = _SPACE.join(re.escape(word) for word in re.split(r"\s+", piece))
            if words.endswith(_SPACE) and pieces[number + 1] in _LOOSE:
                words = words.removesuffix(_SPACE) + _LOOSE_SPACE
            words = words.replace("\uff1a", r"\uff1a\s{0,20}")  # in tables of HTML the value stands on the next line
            pattern += f"(?i:{words})" if words else ""  # slots compile in a third of the time where case is told apart
    return re.compile(rf"\s*+{pattern}\s*$" if whole else pattern)


@cache
def line_shape(shape: str) -> re.Pattern[str]:
    """Return the pattern of a whole line, which has no blanks at its end."""
    return _compile(shape, r"(?P<reason>\S.*)" if shape.endswith("{reason}") else r"(?P<reason>\S.*?)", whole=True)


@cache
def _sentence_shape(shape: str) -> re.Pattern[str]:
    end = shape.rstrip().endswith("{reason}")
    return _compile(shape, r"(?P<reason>\S[\s\S]{0,900}?)" + (r"(?=\n[ \t]*\n|\s*$)" if end else ""), whole=False)


@cache
def _anchor(shape: str) -> re.Pattern[str]:
    """Return the longest fixed words of a sentence."""
    return phrase(max(_SLOT.split(shape)[::2], key=len).strip())


@cache
def phrase(words: str) -> re.Pattern[str]:
    """Return the pattern of fixed words, whatever white space or line break stands between them."""
    return re.compile(r"\s+".join(re.escape(word) for word in words.split()), re.IGNORECASE)


@cache
def flattened(words: str) -> str:
    """Return fixed words, or the longest of a shape, as they stand in a text in lower case with single blanks."""
    return " ".join(max(_SLOT.split(words)[::2], key=len).lower().split())


class Opener(NamedTuple):
    """Words that open a section of a notice, or the shape of a sentence."""

    action: Action
    words: str
    needle: str  # `flattened(words)`: what stands in the flat text of each notice that has them


def openings(openers: Iterable[Opener], flat: str, text: str) -> list[tuple[int, int, Action]]:
    """Return where sections open in a text that is flat in `flat`: start and end of the words, and the action."""
    return sorted(
        (match.start(), match.end(), action)
        for action, words, needle in openers
        if needle in flat
        for match in phrase(words).finditer(text)
    )


def find_phrase(words: str, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
    """Find fixed words in a text, between two places."""
    return phrase(words).search(text, start, end)


def search_sentences(shape: str, text: str, left: Callable[[], object] | None = None) -> Iterator[re.Match[str]]:
    """Yield each place where a sentence of that shape stands; it may run over several lines.

    left: is called where the search ends at a limit, with text left.
    """
    pattern = _sentence_shape(shape)
    done = misses = 0
    for anchor in _anchor(shape).finditer(text):
        if anchor.start() < done:
            continue
        begin = max(done, anchor.start() - _BEFORE)
        found = pattern.search(text[begin : anchor.start() + _WINDOW])
        if found:
            yield found
            done = begin + found.end()
        elif (misses := misses + 1) >= MAX_MISSES:
            if left is not None:
                left()
            return

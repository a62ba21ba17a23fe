"""Line and sentence shapes as the tables write them: `<{address}>: {reason}` instead of a regular expression.

White space in a shape stands for any white space; letters match in either case. Every slot is bounded, so that matching
takes time linear in the line.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_phrase", "line_shape", "phrase", "search_sentences"]

_LOCAL: Final = r"(?:[^\s<>()\[\]:;,\"|@]{1,200}|\"[^\"\n]{1,100}\")"
_DOMAIN: Final = r"(?:[^\s<>()\[\]:;,\"'|@*]{1,250}|\[[0-9A-Fa-f.:IPv]{2,45}\])"
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
_WINDOW: Final = 1_500  # characters of a sentence with its reason
_BEFORE: Final = 400  # characters looked at in front of a sentence's fixed words
_MAX_MISSES: Final = 100  # places where only the fixed words of a sentence stand


def _compile(shape: str, reason: str, *, whole: bool) -> re.Pattern[str]:
    pattern = ""
    for number, piece in enumerate(_SLOT.split(shape)):
        if number % 2:
            pattern += reason if piece == "reason" else _SLOTS[piece]
        else:
            words = r"\s+".join(re.escape(word) for word in re.split(r"\s+", piece))
            pattern += words.replace("\uff1a", r"\uff1a\s{0,20}")  # in tables of HTML the value stands on the next line
    return re.compile(rf"\s*{pattern}\s*$" if whole else pattern, re.IGNORECASE)


@cache
def line_shape(shape: str) -> re.Pattern[str]:
    """Return the pattern of a whole line."""
    return _compile(shape, r"(?P<reason>\S.*?)", whole=True)


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


def find_phrase(words: str, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
    """Find fixed words in a text, between two places."""
    return phrase(words).search(text, start, end)


def search_sentences(shape: str, text: str) -> Iterator[re.Match[str]]:
    """Yield each place where a sentence of that shape stands; it may run over several lines."""
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
        elif (misses := misses + 1) >= _MAX_MISSES:
            return

"""HTML of a notice as plain lines.

The stdlib's html.parser takes quadratic time on unclosed tags, which anybody can send; this reads each letter once.
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from typing import Final

__all__ = ["html_to_text"]

_BREAKS: Final = frozenset(
    {"address", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"}
    | {"pre", "table", "td", "th", "title", "tr", "ul"},
)
_SILENT: Final = frozenset({"script", "style"})

# A tag's name ends with white space, a slash or the bracket: "<alice@example.org>" is no tag.
_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})(?=[\s/>])|<[!?]")


def html_to_text(source: str) -> str:
    """Return the words of an HTML page, a line for each block."""
    low = source.lower()
    words: list[str] = []
    at = 0
    while (tag := source.find("<", at)) >= 0:
        words.append(source[at:tag])
        found = _TAG.match(source, tag)
        if found is None:
            words.append("<")
            at = tag + 1
            continue
        name = (found[1] or "").lower()
        if name in _BREAKS:
            words.append("\n")
        until = "-->" if source.startswith("<!--", tag) else ">"
        end = source.find(until, tag)
        if name in _SILENT and end >= 0 and source[tag + 1] != "/":
            end, until = low.find(f"</{name}", end), ""
        at = end + len(until) if end >= 0 else len(source)  # what is never closed is no text
    words.append(source[at:])
    text = "".join(words)
    with suppress(ValueError):  # a character reference of thousands of digits
        text = html.unescape(text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)

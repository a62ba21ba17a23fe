"""HTML of a notice as plain lines, by the stdlib's parser."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from dsnparse.text.limits import MAX_TEXT_SCANNED

__all__ = ["html_to_text"]

_BREAKS: Final = frozenset(
    {"address", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"}
    | {"pre", "table", "td", "th", "title", "tr", "ul"},
)
_SILENT: Final = frozenset({"script", "style"})


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the stdlib's signature
        if tag in _BREAKS:
            self.words.append("\n")
        self.silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self.words.append("\n")
        if tag in _SILENT and self.silent:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


def html_to_text(source: str) -> str:
    """Return the words of an HTML page, a line for each block; at most MAX_TEXT_SCANNED characters are read."""
    parser = _Lines()
    try:
        parser.feed(source[:MAX_TEXT_SCANNED])
        parser.close()
    except (AssertionError, ValueError):  # the stdlib's parser gives up on some broken declarations
        pass
    lines = (" ".join(line.split()) for line in "".join(parser.words).split("\n"))
    return "\n".join(line for line in lines if line)

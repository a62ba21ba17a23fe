"""Notices that name each recipient as `<address>:` at the start of a paragraph: qmail and its children, Postfix.

Sources: "The qmail-send Bounce Message Format" (Bernstein, 1997): after an introduction each paragraph that begins with
an angle bracket is a recipient, until a paragraph that begins with a dash. Postfix bounce_notify_util.c prints
`<address> (expanded from <alias>): reason` with indented further lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found
from dsnparse.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

_RECIPIENT: Final = re.compile(
    r"[ \t>]{0,8}<(?P<address>[^<>\n]{1,320})>[ \t]*"
    r"(?:\((?:expanded|generated|forwarded|aliased) from:?[ \t]*<?(?P<original>[^<>()\s][^<>()\n]{0,319})>?\)[ \t]*)?"
    r"(?P<colon>:?)[ \t]*(?P<reason>.*)"
)
_DEEPEST: Final = 10  # characters at the start of a line within which such a bracket stands
# Programs that qmail runs print blank lines too: "user is over quota", a blank line, "Mail quota exceeded. (#5.2.2)".
_QMAIL_CODE: Final = re.compile(r"\(#[45]\.\d{1,3}\.\d{1,3}[ )]")
_CODE: Final = re.compile(r"(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?![\w.])|(?<![\w.:/-])[45]\d\d[ -]")
_FOLDED: Final = "(expanded from"
_GREETING: Final = "(initial greeting)"  # what Courier prints in the command's place
_CONNECTED: Final = re.compile(r"(?:Connected to |^|\n)(\d{1,3}(?:\.\d{1,3}){3})(?: does not like| failed| but )")


def read(notice: Notice) -> Iterator[Found]:
    """Yield each recipient with the text of its paragraph."""
    current: tuple[str, str | None, list[str]] | None = None
    told = False  # the reason's paragraph has ended
    indent: int | None = None
    for line in _unfolded(notice.lines) if _FOLDED in notice.text else notice.lines:
        depth = line.find("<", 0, _DEEPEST)
        if depth < 0 and current is None:
            continue
        match = _RECIPIENT.match(line) if depth >= 0 else None
        # Postfix folds replies, and one may begin a line with an address; it stands deeper than the recipients do.
        if (
            match
            and (match["colon"] or not match["reason"])
            and _is_mailbox(match["address"])
            and (indent is None or depth <= indent)
        ):
            indent = depth
            if current:
                yield _found(*current)
            current = (match["address"], match["original"], [match["reason"]] if match["reason"] else [])
            told = False
        elif current and not line.strip():
            told = bool(current[2])
        elif current and (line.startswith(("---", "___", "===")) or (told and not _goes_on(current[2], line))):
            yield _found(*current)
            current = None
        elif current:
            current[2].append(line.strip())
    if current:
        yield _found(*current)


def _goes_on(reason: list[str], line: str) -> bool:
    """Tell whether a further paragraph belongs to the reason: the code stands there and not in the first."""
    return _QMAIL_CODE.search(line) is not None and not _CODE.search(" ".join(reason))


def _unfolded(lines: list[str]) -> Iterator[str]:
    """Yield the lines; Postfix may fold `(expanded from <alias>)` in front of the alias."""
    held = ""
    for line in lines:
        if line.endswith(_FOLDED):
            held = line + " "
        else:
            yield held + line.lstrip() if held else line
            held = ""


def _is_mailbox(text: str) -> bool:
    return "@" in text or ("/" not in text and ":" not in text and " " not in text)


def _found(address: str, original: str | None, lines: list[str]) -> Found:
    text = "\n".join(lines)
    host = _CONNECTED.search(text) if " does not like" in text or " failed" in text or " but " in text else None
    stage = Stage.CONNECT if _GREETING in text else None
    return Found(address=address, original=original, text=text, host=host[1] if host else None, stage=stage)

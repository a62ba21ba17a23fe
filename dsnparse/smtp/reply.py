"""SMTP replies found in free text: their codes, their words, the stage they were given at.

A text may be one reply, a reply wrapped in the words of the MTA that got it, several replies of several hosts, or no
reply at all.  Sources: RFC 5321 section 4.2, RFC 2034 section 4, RFC 3461 section 9.2, and what MTAs print around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dsnparse.frozen import quick_init
from dsnparse.smtp.stage import stage_of
from dsnparse.text.limits import MAX_TEXT_SCANNED

if TYPE_CHECKING:
    from dsnparse.model import Stage

__all__ = ["Reply", "find", "read"]


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply of a server; what the text does not state is None."""

    code: str | None = None  # the three digits, "550"
    status: str | None = None  # the enhanced code of the reply, "5.1.1" (RFC 3463)
    stage: Stage | None = None
    text: str = ""  # the words on one line, without the codes repeated at each line's start


# Digits glued to letters, dots, slashes or signs belong to addresses, hosts, URLs, ids and dates.  Of the numbers left
# only those that SMTP knows are codes (RFC 5321 section 4.2.1), with the few outside it that servers really send.
# The look behind stands after the first letters: a pattern that begins with letters is found in half the time.
_ENHANCED = re.compile(
    r"([245](?<![0-9A-Za-z_.][245])\.(?:0|[1-9][0-9]{0,2})\.(?:0|[1-9][0-9]{0,2}))(?![0-9A-Za-z_]|\.[0-9])"
)
# With the enhanced code behind it: "550 5.1.1", "550-5.1.1", "550 #5.1.1", a stray quote or bracket between the two.
_CODE = re.compile(
    r"(211|214|22[01]|235|25[0-3]|334|35[45]|4[2-5][0-9]|400(?= [#(]?4\.)|465|471|5[0-5][0-9]|57[0-9]|591)"
    r"(?<![0-9A-Za-z_.@/%&?+*$-][0-9]{3})"
    r"(?![0-9A-Za-z_@/%*]|\.[0-9]|:[0-9A-Fa-f])"
    r"(?:[ \t\r\n:;,\"'(\[#-]{1,4}" + _ENHANCED.pattern + ")?"
)
_LEAD = (
    "said error code returned response reply status smtp esmtp lmtp permanent transient failure failed "
    "replied responded got returns response: answered answer reason of with errno received dsn"
)
_LEAD_WORDS = frozenset(_LEAD.split())

_SIZES = re.compile(r" ?(?:bytes|octets|[kmg]i?b|characters|%)\b", re.IGNORECASE)
_UNITS = re.compile(
    r"[ -]*(?:bytes?|octets|[kmg]i?b|characters|chars|messages?|mails?|emails?|recipients?|users?|connections?"
    r"|sec(?:ond)?s?|min(?:ute)?s?|hours?|days?|times|lines?|percent|hops?|max|attachments?|addresses|domains?|per)\b",
    re.IGNORECASE,
)
# A number after these words counts or names something.
_COUNT = "than to at port limit is max maximum in over about line id no number size exceeds exceeded by from for up"
_COUNT_WORDS = frozenset(_COUNT.split())

_VERSION = "version v release exim postfix sendmail dovecot build ver rev"
_VERSION_WORDS = frozenset(_VERSION.split())

_OPENERS = frozenset(":;\"'([{<|>,\u2018\u2019\u201c\u201d")
# Replies that only repeat that no recipient was left, or that the session ends because of that.
_ECHO = re.compile(
    r"no valid recipients?|valid rcpt|need rcpt|rcpt first|too many errors|bad sequence|out of sequence|no recipients"
    r"|^\W*(?:bye|goodbye|closing)|need (?:valid )?recipient|must (?:have|issue) (?:a )?(?:valid )?(?:rcpt|recipient)",
    re.IGNORECASE,
)
# Postfix's own note behind a reply, smtp_chat.c.
_POSTFIX_NOTE = re.compile(r" ?\(in reply to [^()]{1,60} command\)")
_BEFORE: Final = 24  # characters looked at in front of a number


def find(text: str) -> tuple[Reply, ...]:
    """All replies in `text`, in order; empty when it holds neither a reply code nor an enhanced code.

    Takes time linear in the text; what lies beyond `MAX_TEXT_SCANNED` characters is not read.
    """
    text = text[:MAX_TEXT_SCANNED]
    codes = _codes(text)
    if not codes:
        return _status_only(text)
    if len(codes) == 1:  # as in most texts
        return (_only(text, codes[0]),)
    starts = [match.start() for match in codes] + [len(text)]
    replies: list[Reply] = []
    pieces: list[str] = []
    before = text[: starts[0]]
    front = before  # where the status of the first reply may stand instead
    (code, status), began = codes[0].groups(), 0
    for index, match in enumerate(codes):
        number, own = match.groups()
        if index and (number != code or (own and status and own != status)):
            replies.append(_reply(code, status or _status_in(front), before, " ".join(pieces)))
            before, front, pieces, status, began = text[starts[began] : starts[index]], "", [], None, index
        code, status = number, status or own
        pieces.append(text[match.end() : starts[index + 1]].lstrip("- :"))
    replies.append(_reply(code, status or _status_in(front), before, " ".join(pieces)))
    return tuple(replies)


def _only(text: str, match: re.Match[str]) -> Reply:
    """Return the reply of a text with one code."""
    code, status = match.groups()
    before = text[: match.start()]
    return _reply(code, status or _status_in(before), before, text[match.end() :].lstrip("- :"))


def read(text: str | None) -> Reply:
    """Return the reply in `text` that decides, or a Reply without codes that holds the words.

    Of several it is the first permanent one, then the first temporary one; answers that only follow from an earlier
    refusal (503 after all recipients were refused) decide nothing.
    """
    return _read(text) if text else Reply()


@lru_cache(maxsize=16)  # a recipient's words are read to complete its block, and again to judge it
def _read(text: str) -> Reply:
    replies = find(text)
    if not replies:
        words = _one_line(text[:MAX_TEXT_SCANNED])
        return Reply(stage=stage_of("", words), text=words)
    if len(replies) == 1:
        return replies[0]
    return min(enumerate(replies), key=lambda pair: (_rank(pair[1]), pair[0]))[1]


def _rank(reply: Reply) -> int:
    first = (reply.code or reply.status or "0")[0]
    if first in "23":
        return 4
    if len(reply.text) < 200 and (reply.code == "503" or _ECHO.search(reply.text)):  # noqa: PLR2004 - an echo is short
        return 2 if first == "5" else 3
    return 0 if first == "5" else 1


def _codes(text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for match in _CODE.finditer(text):
        if match[2] or _is_code(text, match.start(), match.end(), seen=bool(found)):
            found.append(match)
    return found


def _is_code(text: str, start: int, end: int, *, seen: bool) -> bool:  # noqa: PLR0911 - one for each way
    """Tell whether a number without an enhanced code behind it is a reply code."""
    before = text[max(0, start - _BEFORE) : start]
    stripped = before.rstrip()
    after = text[end : end + 2]
    if _SIZES.match(text, end) or before.endswith("#"):
        return False
    if not stripped:
        return start < _BEFORE or "\n" in before
    tail = stripped[-1]
    if tail in _OPENERS:
        return _opened(stripped, tail, text[end : end + 2], spaced=stripped != before, seen=seen)
    if "\n" in before[len(stripped) :]:
        return after[:1] in {" ", "-", "\t"}
    if after[:1] == "-" and after[1:2].isalpha():
        return True
    word = stripped.rsplit(None, 1)[-1].lower()
    if word in _LEAD_WORDS or word.endswith(("-->", "<--", "<-", "->")):
        return True
    if _UNITS.match(text, end):
        return False
    # Sendmail's and others' notes end with a bracket: "(expanded from: x) 554 Too many hops".
    if tail in ")]" and text[start] in "45" and after[:1] == " " and after[1:2].isupper():
        return True
    # A further reply of the same text without any mark: "450 busy - please try later 551 not our user".
    later = seen and text[start] in "45" and after[:1] in {" ", "-"} and len(after) > 1
    return later and word not in _COUNT_WORDS and word[-1:] not in "=#,"


def _opened(stripped: str, tail: str, after: str, *, spaced: bool, seen: bool) -> bool:
    """Whether a number behind an opening mark is a code: not a time, a port, or a remark such as `[506]`."""
    if tail == ":" and not spaced:
        word = re.split(r"[^0-9A-Za-z_:\]\[-]", stripped[:-1].rstrip())[-1]
        return word.replace("_", "").replace("-", "").isalpha() and len(word) > 2  # noqa: PLR2004 - "::550", "a:550"
    return not (seen and tail in "([" and after[:1] in {")", "]"})


def _status_only(text: str) -> tuple[Reply, ...]:
    match = _enhanced(text)
    if match is None:
        return ()
    before, after = text[: match.start()], text[match.end() :]
    words = _one_line(after).lstrip(")]>-:;. \"'") or _one_line(before).rstrip("([<#-:; ")
    if len(_one_line(before)) > 2:  # noqa: PLR2004 - "(#" is no text
        words = _one_line(text)
    return (Reply(status=match[1], stage=stage_of(before, after), text=words),)


def _enhanced(text: str) -> re.Match[str] | None:
    for match in _ENHANCED.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if before.endswith("-") and before[-2:-1].isalpha():  # an id: "#id-5.9.4"
            continue
        words = before.replace("/", " ").split()
        if words and words[-1].strip("(-:").lower() in _VERSION_WORDS:
            continue
        subject = match[1].split(".")[1]
        if len(subject) > 1 and not before.endswith("#"):  # a date or a time; Yahoo marks its "#4.16.5"
            continue
        return match
    return None


def _status_in(text: str) -> str | None:
    match = _enhanced(text) if "." in text else None
    return match[1] if match else None


def _reply(code: str, status: str | None, before: str, words: str) -> Reply:
    words = _one_line(words)
    stage = stage_of(before, words)
    words = _POSTFIX_NOTE.sub("", words) if "(in reply to " in words else words
    return Reply(code=code, status=_status_of(code, status, words), stage=stage, text=words)


def _status_of(code: str, status: str | None, words: str) -> str | None:
    """Return the code's own enhanced code, else one inside the words that is not of another class."""
    inside = None
    if status is None or status.endswith(".0.0"):
        inside = _status_in(words)
        if inside and status and inside[0] != code[0]:
            inside = None
    return inside or status


def _one_line(text: str) -> str:
    return " ".join(text.split())

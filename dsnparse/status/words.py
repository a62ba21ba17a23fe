"""A reply's words in the one form in which rules and texts are compared.

Lower case, accents of Latin letters dropped, punctuation turned into single spaces, apostrophes dropped ("doesn't" and
"doesnt" are one word), a space at both ends.  So a phrase never depends on how a system quotes, hyphenates or wraps.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["cut", "normal", "normal_words"]

# Runs start only where the character before cannot belong to them, so each text is walked once.  What a pattern begins
# with is a plain class of characters: only there does the search look further.
_URL = re.compile(
    r"[HhFfWw](?i:(?:(?<![a-z0-9].)(?:(?<=h)ttps?|(?<=f)tp) ?: ?/{1,2}|(?<![a-z0-9.].)(?<=w)ww\.)[^\s<>\"']*)"
)
# The character before a run goes with it: whatever it was, words are parted there.
_ADDRESS = re.compile(r"[\s<>\"'`()\[\],;:=][^\s<>\"'`()\[\],;:=]+@[^\s<>\"'`()\[\],;:=]*")
_DOTTED = re.compile(r"[^A-Za-z0-9._-]([A-Za-z0-9_-]+\.[A-Za-z0-9._-]+)")
_MAYBE_HOST = re.compile(r"\.(?:[A-Za-z]{2}|\.)")
_TLD = re.compile(r"[a-z]{2}|[A-Z]{2}")
# Beside the two-letter ones; a sentence that runs into the next ("rejected.See") does not end in one of these.
_TLDS_TEXT = (
    "com net org edu gov mil int info biz name pro mobi asia arpa local lan internal intranet localdomain "
    "invalid example test cloud online shop site store tech email app dev xyz club agency solutions services "
    "systems network group global"
)
_TLDS = frozenset(_TLDS_TEXT.split())
_APOSTROPHES = "'\u2019\u2018`\u00b4"


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {code: " " for code in range(128) if not chr(code).isalnum()}
    for code in [*range(0x80, 0xC0), *range(0x2000, 0x2070), *range(0x3000, 0x3030), *range(0xFF00, 0xFF10)]:
        table[code] = " "
    for code in (0xFF1A, 0xFF1B, 0xFF1F, 0xD7, 0xF7):
        table[code] = " "
    for code in range(0xC0, 0x180):
        plain = unicodedata.normalize("NFKD", chr(code)).encode("ascii", "ignore").decode().lower()
        if plain:
            table[code] = plain
    table |= {ord(char): None for char in _APOSTROPHES}
    return table | {0xDF: "ss", 0xE6: "ae", 0xF8: "o", 0x142: "l", 0x111: "d", 0x131: "i"}


_TABLE = _table()
# Most replies are ASCII, for which bytes are several times as fast.
_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(256))
_ASCII_APOSTROPHES = b"'`"


# IronPort's own title in front of any refusal of RCPT, whatever the server said.
_WRAPPER = re.compile("unknown address error", re.IGNORECASE)


def cut(text: str) -> str:
    """`text` without its URLs, mail addresses and host names, whose words are names and say nothing of a failure."""
    if "/" in text or "www." in text:
        text = _URL.sub(" ", text)
    if "@" in text:
        text = _ADDRESS.sub(" ", f" {text}")
    if "." in text and _MAYBE_HOST.search(text):
        text = _DOTTED.sub(_host, f" {text}")
    return _WRAPPER.sub(" ", text) if "ddress error" in text else text


def _host(match: re.Match[str]) -> str:
    last = match[1].rstrip(".").rpartition(".")[2]
    return f"{match[0][0]} " if last.lower() in _TLDS or _TLD.fullmatch(last) else match[0]


def normal_words(text: str) -> list[str]:
    """Return the words of `text` in the form in which they are compared."""
    if text.isascii():
        return text.encode("ascii").translate(_ASCII, _ASCII_APOSTROPHES).decode("ascii").split()
    return text.lower().translate(_TABLE).split()


def normal(text: str) -> str:
    """`text` in the form in which phrases are looked up: words between single spaces, with a space at both ends."""
    return f" {' '.join(normal_words(text))} "

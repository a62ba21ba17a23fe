r"""Addresses as SMTP and reports encode them: xtext (RFC 3461 section 4) and utf-8-addr-xtext (RFC 6533 section 3)."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["decode_utf8_address", "decode_xtext"]

_HEX: Final = re.compile(r"\+([0-9A-F]{2})")
_POINT: Final = re.compile(r"\\x\{([0-9A-F]{2,6})\}")
_LAST_POINT: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)
_PRINTABLE: Final = range(33, 127)


def decode_xtext(text: str) -> str:
    """Decode xtext where it can only be xtext: every octet that is encoded is one that had to be.

    `user+2Btag@example.org` stands for `user+tag@example.org`; `user+AB@example.org` is more likely a tagged address,
    and stays as it is, as do sequences that are not valid.
    """
    if "+" not in text:
        return text
    octets = [chr(int(pair, 16)) for pair in _HEX.findall(text)]
    needed = all(octet in "+=" or (octet.isascii() and ord(octet) not in _PRINTABLE) for octet in octets)
    if not octets or not needed or text.count("+") != len(octets):
        return text
    decoded = _HEX.sub(lambda found: chr(int(found[1], 16)), text)
    return text if any(ord(letter) < ord(" ") for letter in decoded) else decoded


def decode_utf8_address(text: str) -> str:
    r"""Decode the `\x{HEX}` of a utf-8 typed address; a sequence that names no character stays as it is."""

    def point(found: re.Match[str]) -> str:
        number = int(found[1], 16)
        return found[0] if number > _LAST_POINT or number in _SURROGATES or number < ord(" ") else chr(number)

    return _POINT.sub(point, text)

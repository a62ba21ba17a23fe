"""Bytes to words, never failing: line ends, transfer encodings, charsets, RFC 2047 headers."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
from email.errors import HeaderParseError
from email.header import decode_header as split_encoded_words
from functools import lru_cache
from string import ascii_letters, digits
from typing import Final

__all__ = ["decode_charset", "decode_header", "decode_transfer", "normalise_line_ends", "one_line"]

# Declared charsets that in practice mean a superset (the WHATWG encoding standard draws the same lines).
_SUPERSETS: Final = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso-8859-8",
    "big5": "big5hkscs",
}

# Codecs that tell nothing on bytes over 127, or are no charsets of mail; idna and punycode take quadratic time.
_NO_CHARSETS: Final = frozenset({"ascii", "idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})

# ISO-2022-JP, -KR, -CN switch alphabets by these; text with them is seven-bit, yet not ASCII.
_ESCAPES: Final = (b"\x1b$", b"\x1b(", b"\x0e")

_NOT_BASE64: Final = bytes(set(range(256)) - set(b"%b+/" % (ascii_letters + digits).encode()))


def normalise_line_ends(raw: bytes) -> bytes:
    r"""Return `raw` with `\n` for every line end: CRLF, lone CR, lone LF, and runs such as CR CR LF count as one."""
    if b"\r" not in raw:
        return raw
    raw = raw.replace(b"\r\n", b"\n")
    if b"\r" not in raw:
        return raw
    if b"\r\n" in raw:  # what was a run of CRs before the LF
        raw = b"\n".join([line.rstrip(b"\r") for line in raw.split(b"\n")])
    return raw.replace(b"\r", b"\n")


def decode_transfer(body: bytes, encoding: str | None) -> bytes:
    """Undo a Content-Transfer-Encoding; what cannot be undone stays as it is.

    RFC 3464 section 2.1 wants 7bit for a status part, and real ones come in base64 and quoted-printable all the same.
    """
    if encoding is None:
        return body
    name = encoding.strip().lower()
    if name == "quoted-printable":
        return quopri.decodestring(body)
    if name == "base64":
        letters = body.translate(None, _NOT_BASE64)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]  # a cut one: the last letter carries no whole byte
        try:
            return base64.b64decode(letters + b"=" * (-len(letters) % 4))
        except binascii.Error:  # pragma: no cover - the letters and the padding were made right above
            return body
    return body


def _codec(charset: str) -> str | None:
    """Return the codec for a declared charset, None when there is none that is safe."""
    name = charset.strip().strip("\"'").lower()
    # No registered name is longer (RFC 2978 section 2.3).
    return _codec_of(name) if 0 < len(name) <= 40 else None  # noqa: PLR2004 - see above


@lru_cache(maxsize=64)
def _codec_of(name: str) -> str | None:
    name = _SUPERSETS.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found.replace("_", "-") in _NO_CHARSETS else found


def decode_charset(data: bytes, charset: str | None = None) -> str:
    """Decode `data`: by the declared charset, as UTF-8, as what its escapes show, else as windows-1252."""
    codec = None if charset is None else _codec(charset)
    stateful = (b"\x1b" in data or b"\x0e" in data) and any(escape in data for escape in _ESCAPES)
    if data.isascii() and not stateful and (codec is None or not codec.startswith(("utf-", "utf_", "hz"))):
        return data.decode("ascii")
    tries = [codec, "iso2022_jp_ext" if stateful else None, "utf-8"]
    for name in tries:
        if name is not None:
            try:
                return data.decode(name)
            except (LookupError, UnicodeError):  # LookupError: a codec of bytes, such as zip
                continue
    if codec is not None:
        try:
            return data.decode(codec, "replace")
        except (LookupError, UnicodeError):
            pass
    return data.decode("cp1252", "replace")


def one_line(text: str) -> str:
    """Return `text` with every run of white space and line breaks as one space."""
    return " ".join(text.split())


def decode_header(value: str) -> str:
    """Return a header field's value as people read it: unfolded, RFC 2047 words decoded.

    `value` holds bytes over 127 as the Latin-1 letters of the same number, as dsnparse.message reads header sections,
    which bounds its length too: encoded words that never end take the square of it.
    """
    if not value.isascii():
        value = decode_charset(value.encode("latin-1", "replace"))
    if "=?" not in value:
        return one_line(value)
    try:
        words = split_encoded_words(value)
    except (HeaderParseError, ValueError):
        return one_line(value)
    return one_line(
        "".join(word if isinstance(word, str) else decode_charset(word, charset) for word, charset in words),
    )

"""Header sections (RFC 5322 section 2.2), and the Content-Type in them (RFC 2045 section 5.1).

A sound section is read by one pattern, seven times as fast as by the stdlib's parser; every other one is read by that
parser (compat32), whose word it is where a damaged section ends.  The tests compare the two, field for field.
"""

from __future__ import annotations

import re
from email.parser import HeaderParser
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dsnparse.model import Defect
from dsnparse.text.decode import decode_header
from dsnparse.text.limits import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dsnparse.text.limits import Limits

__all__ = ["ContentType", "Header", "read_header"]

ContentType = tuple[str, "Mapping[str, str]"]

# A field with its folded lines, or a line that is none: then both groups are empty.
_FIELD: Final = re.compile(r"([!-9;-~]++):[ \t]*+([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?|[^\n]+\n?")
_STDLIB: Final = HeaderParser()

_TYPE: Final = re.compile(r"[ \t\n]*+([^\s/;]{1,60}+)[ \t]*+/[ \t]*+([^\s/;]{1,60}+)")
_PARAMETER: Final = re.compile(r';[ \t\n]*+([^\s=;"*]{1,60}+)\*?[ \t\n]*+=[ \t\n]*+(?:"((?:[^"\\]++|\\.)*)"|([^;]*+))')
_REMEMBERED: Final = 200  # bytes of a part's header that many other mails have too


class Header:
    """A header section; names in any case, the first of several wins, as received."""

    __slots__ = ("_content", "_fields", "_first", "_words")

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields
        self._first = {name.lower(): value for name, value in reversed(fields)}
        self._words: dict[str, str] = {}  # what was decoded
        self._content: ContentType | None = None

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._first

    def has_any(self, names: Iterable[str]) -> bool:
        """Tell whether one of these fields is there; the names in lower case."""
        return not self._first.keys().isdisjoint(names)

    def __iter__(self) -> Iterator[str]:
        """Iterate the field names in lower case, each once, in order."""
        return iter(dict.fromkeys(name.lower() for name, _ in self._fields))

    def raw(self, name: str) -> str | None:
        """Return the first field of that name, folded as it came; bytes over 127 as Latin-1 letters."""
        return self._first.get(name.lower())

    def get(self, name: str) -> str | None:
        """Return the first field of that name as people read it, None when there is none."""
        known = self._words.get(name)
        if known is not None:
            return known
        value = self._first.get(name.lower())
        if value is None:
            return None
        plain = value.isascii() and "=?" not in value
        words = self._words[name] = " ".join(value.split()) if plain else decode_header(value)
        return words

    def all(self, name: str) -> tuple[str, ...]:
        """Return all fields of that name as people read them."""
        name = name.lower()
        if name not in self._first:
            return ()
        return tuple(decode_header(value) for known, value in self._fields if known.lower() == name)

    def content(self, default: str = "text/plain") -> ContentType:
        """Return the Content-Type as (type in lower case, parameters by lower-case name).

        `default` where there is none, text/plain for a bad one (RFC 2045 section 5.2).
        """
        if self._content is None:
            value = self._first.get("content-type")
            if not value:
                return default, {}
            self._content = _parse_type(value)
        return self._content

    def bounded(self, most: int) -> tuple[Header, tuple[str, ...]]:
        """Return the header with each field cut to so many characters, and the lower-case names of those that were."""
        names = dict.fromkeys(name.lower() for name, value in self._fields if len(value) > most)
        return (Header([(name, value[:most]) for name, value in self._fields]) if names else self), tuple(names)


def read_header(data: bytes, start: int, end: int, limits: Limits = DEFAULT) -> tuple[Header, int, tuple[Defect, ...]]:
    """Read the header section at `start`; return it, where the body begins, and the limits that were reached.

    A line that is no field ends the section, and belongs to the body, as in the stdlib.
    """
    if data.startswith(b"\n", start):
        return Header([]), start + 1, ()
    stop = data.find(b"\n\n", start, end)
    body = end if stop < 0 else stop + 2
    stop = end if stop < 0 else stop + 1
    cut = stop - start > limits.header_bytes
    if cut:  # to the end of the line at the limit, so that no field is cut in two
        stop = data.rfind(b"\n", start, start + limits.header_bytes) + 1 or start + limits.header_bytes
    section = data[start:stop]
    header, left = _known_section(section) if len(section) <= _REMEMBERED else _read_section(section)
    if left:
        body = stop - left
    if not cut and len(section) <= limits.header_field:  # no field can be longer
        return header, body, ()
    header, names = header.bounded(limits.header_field)
    reached = [Defect(code="header_too_long", detail=f"over {limits.header_bytes} bytes")] if cut else []
    reached += [Defect(code="header_field_too_long", detail=name) for name in names]
    return header, body, tuple(reached)


def _read_section(section: bytes) -> tuple[Header, int]:
    """Return a header section's fields, and how many bytes at its end do not belong to it."""
    text = section.decode("latin-1")
    header = Header(_FIELD.findall(text))
    if "" not in header and "\r" not in text:
        return header, 0
    message = _STDLIB.parsestr(text)
    left = str(message.get_payload())
    return Header([(name, str(value)) for name, value in message.raw_items()]), len(left)


_known_section: Final = lru_cache(maxsize=256)(_read_section)


def _parse_type(value: str) -> ContentType:
    found = _TYPE.match(value)
    kind = f"{found[1]}/{found[2]}".lower() if found else "text/plain"
    rest = value[found.end() :] if found else value.partition(";")[2]
    params: dict[str, str] = {}
    if not rest:
        return kind, params
    for name, quoted, plain in _PARAMETER.findall(rest if rest.lstrip().startswith(";") else f";{rest}"):
        text = quoted or plain.strip()
        if quoted and "\\" in quoted:
            text = quoted.replace("\\\\", "\\").replace('\\"', '"')
        params.setdefault(name.lower(), text.replace("\n", ""))
    return kind, params

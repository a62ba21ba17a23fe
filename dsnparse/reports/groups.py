"""Groups of fields as in message/delivery-status and its kin (RFC 3464 section 2.1), read leniently.

An own reader: the stdlib's loses every field behind a stray line, a soft line break or a separator made of spaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.model import Defect
from dsnparse.text.decode import decode_charset, normalise_line_ends
from dsnparse.text.limits import DEFAULT

if TYPE_CHECKING:
    from dsnparse.message import Part
    from dsnparse.text.limits import Limits

__all__ = ["Group", "part_text", "read_groups", "typed"]

Group = list[tuple[str, str]]

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")

# In a sound part each line is a field with its folded lines, or is blank; the third group is a line that is neither.
_SOUND: Final = re.compile(
    r"([A-Za-z][A-Za-z0-9_-]{0,59}+)[ \t]*+:([^\n]*+(?:\n[ \t]++[^\s][^\n]*+)*+)(?:\n|\Z)|[ \t]*+\n|([^\n]++)"
)
_TYPE: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._/-]{0,39}+)[ \t]*+;")

# Fields of free text: a line that is no field, right below one of these, is its unfolded second line.
_TEXTS: Final = frozenset({"diagnostic-code", "localized-diagnostic"})


def part_text(part: Part, defects: list[Defect]) -> str:
    """Return a machine-readable part as text; RFC 3464 section 2.1 wants 7bit, RFC 6533 section 4.4 UTF-8."""
    data = part.decoded()
    if len(data) > (most := part.limits.status_bytes):
        defects.append(Defect(code="status_part_too_long", detail=f"over {most} bytes"))
        data = data[:most]
    return decode_charset(normalise_line_ends(data), part.params.get("charset"))


def read_groups(text: str, defects: list[Defect], limits: Limits = DEFAULT) -> list[Group]:
    """Return the groups of a status part: fields as (lower-case name, unfolded value), empty groups left out."""
    groups: list[Group] = []
    group: Group = []
    cut: list[Defect] = []
    most = limits.status_field
    for name, value, odd in _SOUND.findall(text):
        if odd:
            return _read_lines(text, defects, limits)
        if name:
            words = " ".join(filter(None, map(str.strip, value.split("\n")))) if "\n" in value else value.strip()
            if len(words) > most:
                words = _cut(name.lower(), words, cut, limits)
            group.append((name.lower(), words))
        elif group:
            groups.append(group)
            group = []
    defects += cut
    return [*groups, group] if group else groups


def _read_lines(text: str, defects: list[Defect], limits: Limits) -> list[Group]:
    """Read a damaged part line by line."""
    groups: list[Group] = [[]]
    lines: list[str] = []  # of the field that is being read; joined once, so that a long one takes linear time
    name = ""

    def close() -> None:
        if lines:
            groups[-1].append((name, _cut(name, " ".join(filter(None, lines)), defects, limits)))
            lines.clear()

    strays = 0
    for line in text.split("\n"):
        words = line.strip()
        if not words:
            close()
            if groups[-1]:
                groups.append([])
            continue
        if line[0] in " \t" and lines:
            lines.append(words)
            continue
        front, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(front := front.strip(" \t")):
            close()
            name = front.lower()
            lines.append(value.strip())
            continue
        strays += 1
        if lines and name in _TEXTS:
            lines.append(words)
    close()
    if strays:
        defects.append(Defect(code="stray_line_in_status_part", detail=str(strays)))
    return [group for group in groups if group]


def _cut(name: str, value: str, defects: list[Defect], limits: Limits) -> str:
    if len(value) <= limits.status_field:
        return value
    defects.append(Defect(code="status_field_too_long", detail=name))
    return value[: limits.status_field]


def typed(value: str) -> tuple[str | None, str]:
    """Split `type; text` (RFC 3464 section 2.1.2); the type in lower case, None where there is none."""
    if found := _TYPE.match(value):
        return found[1].lower(), value[found.end() :].strip()
    return None, value.lstrip("; ").strip()

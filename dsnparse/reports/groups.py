"""Groups of fields as in message/delivery-status and its kin (RFC 3464 section 2.1), read leniently.

An own reader: the stdlib's loses every field behind a stray line, a soft line break or a separator made of spaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.model import Defect
from dsnparse.text.decode import decode_charset, normalise_line_ends
from dsnparse.text.limits import MAX_FIELD, MAX_STATUS_BYTES

if TYPE_CHECKING:
    from dsnparse.message import Part

__all__ = ["Group", "part_text", "read_groups", "typed"]

Group = list[tuple[str, str]]

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,59})[ \t]*:(.*)")
_TYPE: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._/-]{0,39})[ \t]*;")

# Fields of free text: a line that is no field, right below one of these, is its unfolded second line.
_TEXTS: Final = frozenset({"diagnostic-code", "localized-diagnostic"})


def part_text(part: Part, defects: list[Defect]) -> str:
    """Return a machine-readable part as text; RFC 3464 section 2.1 wants 7bit, RFC 6533 section 4.4 UTF-8."""
    data = part.decoded()
    if len(data) > MAX_STATUS_BYTES:
        defects.append(Defect(code="status_part_too_long", detail=f"{len(data)} bytes, over {MAX_STATUS_BYTES}"))
        data = data[:MAX_STATUS_BYTES]
    return decode_charset(normalise_line_ends(data), part.params.get("charset"))


def read_groups(text: str, defects: list[Defect]) -> list[Group]:
    """Return the groups of a status part: fields as (lower-case name, unfolded value), empty groups left out."""
    groups: list[Group] = [[]]
    lines: list[str] = []  # of the field that is being read; joined once, so that a long one takes linear time
    name = ""

    def close() -> None:
        if lines:
            groups[-1].append((name, " ".join(line for line in lines if line)[:MAX_FIELD]))
            lines.clear()

    strays = 0
    for line in text.split("\n"):
        if not line.strip():
            close()
            if groups[-1]:
                groups.append([])
        elif line[0] in " \t" and lines:
            lines.append(line.strip())
        elif field := _FIELD.fullmatch(line.lstrip(" \t").rstrip()):
            close()
            name = field[1].lower()
            lines.append(field[2].strip())
        elif lines and name in _TEXTS:
            lines.append(line.strip())
            strays += 1
        else:
            strays += 1
    close()
    if strays:
        defects.append(Defect(code="stray_line_in_status_part", detail=str(strays)))
    return [group for group in groups if group]


def typed(value: str) -> tuple[str | None, str]:
    """Split `type; text` (RFC 3464 section 2.1.2); the type in lower case, None where there is none."""
    if found := _TYPE.match(value):
        return found[1].lower(), value[found.end() :].strip()
    return None, value.lstrip("; ").strip()

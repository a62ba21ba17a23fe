"""Every limit on what is read from one mail, each with its precedent.

Whoever needs others gives `Limits` to `dsnparse.parse`, or the table `[limits]` to the command.  A limit that is
reached is a defect of one of the codes in REACHED, and says so in the report; docs/security.md has the list.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, cast

from dsnparse.errors import ConfigError

if TYPE_CHECKING:
    from dsnparse.settings import Table

__all__ = ["DEFAULT", "REACHED", "Limits"]

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024  # Exim's message_size_limit is 50M, Gmail takes 50 MB
MAX_HEADER_BYTES: Final = 256 * 1024  # one header section; Postfix's header_size_limit is 102,400 for one field
MAX_HEADER_VALUE: Final = 16 * 1024  # characters of one header field; RFC 5322 lines are 998 at most
MAX_DEPTH: Final = 100  # nested multiparts: Postfix's mime_nesting_limit
MAX_PARTS: Final = 1_000  # leaf parts; a report has three (RFC 6522 section 3)
MAX_RECIPIENTS: Final = 1_000  # Postfix's smtpd_recipient_limit; RFC 5321 section 4.5.3.1.8 asks for 100
MAX_STATUS_BYTES: Final = 4 * 1024 * 1024  # one machine-readable part: 1,000 recipients of 4 kB each
MAX_FIELD: Final = 16 * 1024  # characters of one field of a status group, as of a header
MAX_TEXT_SCANNED: Final = 128 * 1024  # characters of human text; Postfix's bounce_size_limit is 50,000
MAX_LINES: Final = 5_000  # of human text: a notice on MAX_RECIPIENTS recipients with five lines for each
MAX_LINE: Final = 2_000  # characters of one line of human text; RFC 5321 lines are 1,000 octets at most
MAX_DEFECTS: Final = 1_000  # of one mail: one for each recipient

# What flufl.bounce is shown, at most: its detectors walk the text again each, and take the square of a line's length.
FLUFL_LINES: Final = 500
FLUFL_LINE: Final = 300

MAX_MISSES: Final = (
    100  # places where only the fixed words of a sentence stand: each may cost a search of 2,000 letters
)
MAX_JSON: Final = 64 * 1024  # characters of one notification of Amazon SES, which has 50 recipients at most

# How far the others may be raised: what takes more than linear time within a bound must keep its bound.
_FIXED: Final = frozenset({"message_bytes", "header_field", "recipients", "lines", "line"})
_TIMES: Final = 8

# The codes of defects that tell that a limit was reached.
REACHED: Final = frozenset(
    {"header_field_too_long", "header_too_long", "message_too_large", "nested_too_deep", "returned_header_too_long"}
    | {"status_field_too_long", "status_part_too_long", "text_too_long", "too_many_defects", "too_many_parts"}
    | {"too_many_recipients"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one mail is read.  Raises ConfigError for a number that is not from 1 to `most`."""

    message_bytes: int = MAX_MESSAGE_BYTES
    header_bytes: int = MAX_HEADER_BYTES
    header_field: int = MAX_HEADER_VALUE
    depth: int = MAX_DEPTH
    parts: int = MAX_PARTS
    recipients: int = MAX_RECIPIENTS
    status_bytes: int = MAX_STATUS_BYTES
    status_field: int = MAX_FIELD
    text: int = MAX_TEXT_SCANNED
    lines: int = MAX_LINES
    line: int = MAX_LINE
    defects: int = MAX_DEFECTS

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or not 1 <= value <= self.most(field.name):
                problem = f"limits.{field.name}: must be a whole number from 1 to {self.most(field.name)}"
                raise ConfigError(problem)

    @classmethod
    def most(cls, name: str) -> int:
        """Return the greatest number that a limit can be set to."""
        default = cast("int", cls.__dataclass_fields__[name].default)
        return default if name in _FIXED else default * _TIMES

    @classmethod
    def from_table(cls, table: Table) -> Limits:
        """Return the limits that the table `[limits]` sets, the others as they are by default.  Raises ConfigError."""
        limits = cls(**{field.name: table.integer(field.name, getattr(DEFAULT, field.name)) for field in fields(cls)})
        table.done()
        return limits


DEFAULT: Final = Limits()

"""Step 4: the free text of notices, where the machine-readable part is missing or left something open.

The formats are asked in order: the rows of formats.toml, then the general reader, flufl.bounce last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.formats.gaps import fill, is_thin
from dsnparse.formats.notice import Notice
from dsnparse.formats.registry import candidates
from dsnparse.formats.settle import settle
from dsnparse.formats.system import answers, is_system, looks
from dsnparse.frozen import replace
from dsnparse.model import Fields, Kind

if TYPE_CHECKING:
    from dsnparse.message import Message

__all__ = ["notice_text", "read", "returned_text"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_AUTOREPLY: Final = Kind.AUTOREPLY
_FEEDBACK: Final = Kind.FEEDBACK
_OTHER: Final = Kind.OTHER

_STATUS_FIELDS: Final = "status_fields"  # the format of delivery-status fields in the text: what `found` came from


def read(message: Message, found: Fields | None) -> Fields | None:
    """Return what the free text says.

    `found` is what the delivery-status part said: it comes back with its gaps filled, and only those.  None when there
    was no such part; then None is returned for a mail that is no notice.
    """
    notice = Notice(message)
    if found is not None:
        return fill(found, _read(notice, without=_STATUS_FIELDS)) if is_thin(found, notice) else found
    fields = _read(notice, notice_like=looks(notice))
    if fields is None or fields.kind in {_OTHER, _AUTOREPLY, _FEEDBACK}:
        return fields
    author = fields.reporting_mta or notice.author
    return replace(fields, reporting_mta=author) if author else fields


def _read(notice: Notice, *, notice_like: bool = True, without: str | None = None) -> Fields | None:
    unnamed: Fields | None = None
    for known in candidates(notice):
        if (
            known.name != without
            and (notice_like or known.opens(notice))
            and known.tells(notice)
            and (fields := known.read(notice)) is not None
        ):
            if fields.blocks or known.final:
                return settle(fields, notice)
            unnamed = unnamed or fields
    return unnamed or (_unknown(notice) if notice_like else None)


def _unknown(notice: Notice) -> Fields | None:
    """Return what a notice says that no format of the table knows."""
    if answers(notice):
        return Fields(format="absence", kind=_AUTOREPLY)
    if not is_system(notice):
        return None
    from dsnparse.formats import flufl, general  # noqa: PLC0415 - for the few mails that no format knows

    fields = general.read(notice)
    if fields is not None and fields.blocks:
        return fields
    return settle(flufl.read(notice) or fields, notice)


def returned_text(message: Message) -> str | None:
    """Return the header of the returned mail where the notice carries it inside its text, else None."""
    return Notice(message).returned


def notice_text(message: Message) -> str:
    """Return the notice's text without the returned mail."""
    return Notice(message).text

"""flufl.bounce, the last one asked: what our own formats did not know may be known there.

It gives addresses only; each becomes a Block of low confidence. Its exceptions become a defect: no bytes may stop a
reading.
"""

from __future__ import annotations

from email import message_from_bytes
from functools import cache
from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found, blocks
from dsnparse.model import Action, Confidence, Defect, Fields
from dsnparse.text.addresses import find_addresses
from dsnparse.text.limits import FLUFL_LINE, FLUFL_LINES

if TYPE_CHECKING:
    from types import ModuleType

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

_NOBODY: Final = "nobody@invalid"  # RFC 6761 section 6.4
_HEADERS: Final = ("subject", "x-mailer", "x-failed-recipients")


def read(notice: Notice) -> Fields | None:
    """Return what flufl.bounce finds in the notice's text; None when that is nothing."""
    lines = [line[:FLUFL_LINE] for line in notice.lines[:FLUFL_LINES]]
    if not any("@" in line for line in lines):  # it names nobody whose address is not in the text
        return None
    left = [*(line[FLUFL_LINE:] for line in notice.lines[:FLUFL_LINES]), *notice.lines[FLUFL_LINES:]]
    if any("@" in line for line in left):
        notice.message.reached("text_too_long", f"over {FLUFL_LINES} lines of {FLUFL_LINE}, for flufl.bounce")
    header = notice.message.header
    # Its detectors stumble over a From without an address, and over header fields that are not in ASCII.
    values = [(name, header.raw(name) or "") for name in _HEADERS]
    fields = [(name, " ".join(value.encode("ascii", "replace").decode().split())) for name, value in values if value]
    sender = next(iter(find_addresses(header.raw("from") or "")), _NOBODY)
    head = "".join(f"{name}: {value}\n" for name, value in [("from", sender), *fields])
    try:
        temporary, permanent = _library().all_failures(
            message_from_bytes("\n".join([head, *lines]).encode("utf-8", "replace"))
        )
    except Exception as error:  # noqa: BLE001 - a failing detector of a library must not end the reading
        return Fields(format="flufl", defects=(Defect(code="flufl_failed", detail=type(error).__name__),))
    found = [_found(item, Action.FAILED) for item in sorted(permanent)]
    found += [_found(item, Action.DELAYED) for item in sorted(temporary)]
    kept = [item for item in found if item.address and "@" in item.address and not notice.is_bystander(item.address)]
    return Fields(format="flufl", blocks=blocks(kept, Confidence.LOW)) if kept else None


@cache
def _library() -> ModuleType:
    """Import flufl.bounce: 40 ms, for the few mails that nobody else could read."""
    import logging  # noqa: PLC0415 - nothing else here needs it

    import flufl.bounce  # noqa: PLC0415 - see above

    # It logs each exception that it raises; without a handler of the application's own that would go to stderr.
    logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
    return flufl.bounce


def _found(address: bytes | str, action: Action) -> Found:
    name = address.decode("utf-8", "replace") if isinstance(address, bytes) else address
    return Found(address=name, action=action)

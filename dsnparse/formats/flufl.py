"""flufl.bounce, the last one asked: what our own formats did not know may be known there.

It gives addresses only; each becomes a Block of low confidence. Its exceptions become a defect: no bytes may stop a
reading.
"""

from __future__ import annotations

import logging
from email import message_from_bytes
from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found, blocks
from dsnparse.model import Action, Confidence, Defect, Fields
from dsnparse.text.addresses import find_addresses

if TYPE_CHECKING:
    from dsnparse.formats.notice import Notice

__all__ = ["read"]

# It logs each exception that it raises; without a handler of the application's own that would go to stderr.
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())

_MAX_TEXT: Final = 32 * 1024  # characters shown to its detectors, which walk the text again each; notices are shorter
_NOBODY: Final = "nobody@invalid"  # RFC 6761 section 6.4
_HEADERS: Final = ("subject", "x-mailer", "x-failed-recipients")


def read(notice: Notice) -> Fields | None:
    """Return what flufl.bounce finds in the notice's text; None when that is nothing."""
    header = notice.message.header
    # Its detectors stumble over a From without an address, and over header fields that are not in ASCII.
    values = [(name, header.raw(name) or "") for name in _HEADERS]
    fields = [(name, " ".join(value.encode("ascii", "replace").decode().split())) for name, value in values if value]
    sender = next(iter(find_addresses(header.raw("from") or "")), _NOBODY)
    head = "".join(f"{name}: {value}\n" for name, value in [("from", sender), *fields])
    body = notice.text[:_MAX_TEXT]
    try:
        from flufl.bounce import all_failures  # noqa: PLC0415 - 40 ms, for the few mails that nobody else could read

        temporary, permanent = all_failures(message_from_bytes((head + "\n" + body).encode("utf-8", "replace")))
    except Exception as error:  # noqa: BLE001 - a failing detector of a library must not end the reading
        return Fields(format="flufl", defects=(Defect(code="flufl_failed", detail=type(error).__name__),))
    found = [_found(item, Action.FAILED) for item in sorted(permanent)]
    found += [_found(item, Action.DELAYED) for item in sorted(temporary)]
    kept = [item for item in found if item.address and "@" in item.address and not notice.is_bystander(item.address)]
    return Fields(format="flufl", blocks=blocks(kept, Confidence.LOW)) if kept else None


def _found(address: bytes | str, action: Action) -> Found:
    name = address.decode("utf-8", "replace") if isinstance(address, bytes) else address
    return Found(address=name, action=action)

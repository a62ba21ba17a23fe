"""From what a reader found to Blocks: the codes, the stage and the host are taken from each recipient's own text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from dsnparse.formats.lookup import stands_one
from dsnparse.frozen import quick_init
from dsnparse.model import Action, Block, Confidence, Stage
from dsnparse.smtp.reply import read as read_reply
from dsnparse.text.addresses import bare
from dsnparse.text.decode import one_line
from dsnparse.text.limits import MAX_FIELD, MAX_RECIPIENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Found", "block", "blocks", "cleaned"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_FAILED: Final = Action.FAILED
_EOD: Final = Stage.EOD

_TEXT_COMMAND: Final = "remote server for text command"  # what GMX and web.de call the end of data
# A host with its address, as Exim and Postfix print it after "host", Sendmail after "while talking to".
_NAME: Final = r"((?:[\w-]{1,63}\.){1,8}[\w-]{2,63}|\d{1,3}(?:\.\d{1,3}){3})"
_HOST: Final = re.compile(
    r"(?:\bhost:? |remote-mta:\s{0,9}<?|connection to |recipient domain \S{1,255} by |while talking to |remote host "
    rf"|mail server |remote server |connected to |server )\[?\(?{_NAME}|^{_NAME} \[[^\]]{{2,45}}\] did not like",
    re.IGNORECASE,
)
_NEAR_HOST: Final = (  # of which one stands wherever `_HOST` is found
    *("host", "server ", "connected to ", "while talking to ", "connection to ", "remote-mta:", "recipient domain "),
    "] did not like",
)
_HEAD: Final = 1_000  # characters of a text in which the host is named


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One recipient as a notice names it, with the words that stand for it."""

    address: str | None
    text: str = ""
    action: Action | None = Action.FAILED
    original: str | None = None
    host: str | None = None
    status: str | None = None  # stated apart from the reply
    code: str | None = None
    stage: Stage | None = None


def cleaned(address: str | None) -> str | None:
    """Return an address without its brackets; the quotes of a local part are its own (RFC 5321 section 4.1.2)."""
    if not address:
        return None
    text = address.strip().strip("<>").strip()
    return text if text.startswith('"') and '"@' in text else bare(address)


def block(found: Found, confidence: Confidence) -> Block:
    """Return the Block of one recipient."""
    text = one_line(found.text)[:MAX_FIELD]
    reply = read_reply(text)
    low = text.lower()
    return Block(
        address=cleaned(found.address),
        original_address=cleaned(found.original) if found.original else None,
        action=found.action,
        reported_status=found.status,
        reply_status=reply.status,
        reply_code=found.code or reply.code,
        diagnostic_type="smtp" if reply.code else None,
        diagnostic=text or None,
        remote_mta=found.host or _host(text[:_HEAD], low),
        stage=found.stage or reply.stage or (_EOD if _TEXT_COMMAND in low else None),
        confidence=confidence,
    )


def _host(text: str, low: str) -> str | None:
    match = _HOST.search(text) if stands_one(_NEAR_HOST, low) else None
    return match[1] or match[2] if match else None


def blocks(items: Iterable[Found], confidence: Confidence) -> tuple[Block, ...]:
    """Return one Block for each recipient: of several findings for one address the one that says most is kept."""
    found = iter(items)
    first, second = next(found, None), next(found, None)
    if first is None or second is None:
        return (block(first, confidence),) if first else ()
    best: dict[tuple[str, Action | None], Found] = {}
    for item in chain((first, second), found):
        key = (bare(item.address or "").lower(), item.action)
        known = best.get(key)
        if known is None and len(best) > MAX_RECIPIENTS:  # one more than is read, so that the reader sees it
            break
        if known is None or (not known.text.strip() and item.text.strip()):
            best[key] = item
    failed = {address for address, action in best if action is _FAILED}
    kept = [item for (address, action), item in best.items() if action is _FAILED or address not in failed]
    return tuple(block(item, confidence) for item in kept)

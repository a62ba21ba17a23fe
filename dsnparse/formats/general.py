"""The reader for notices that no format claims: transcripts, lists, labels, failure sentences (words: general.toml).

It asks for the strongest evidence first and stops at the first that names somebody. It is asked only for mails that
look like a notice; its blocks are of medium confidence where the code of a failure stands beside each recipient, else
of low; and it never takes the sender, a Message-ID, a postmaster or an address in the returned mail.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from dsnparse.formats import angle
from dsnparse.formats.blocks import Found, blocks, cleaned
from dsnparse.formats.confidence import has_code, has_own_code
from dsnparse.formats.data import load
from dsnparse.formats.phrases import says_failure, waits
from dsnparse.formats.sentences import below_sentence, only_one
from dsnparse.frozen import replace
from dsnparse.model import Action, Confidence, Fields, Kind
from dsnparse.text.addresses import find_addresses, is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dsnparse.formats.notice import Notice
    from dsnparse.model import Block

__all__ = ["read"]

_RCPT: Final = re.compile(r"rcpt\s{0,3}to\s{0,2}:\s{0,2}<?(?P<address>[^\s<>]{1,320})>?", re.IGNORECASE)
_REPLY: Final = re.compile(r"(?<![\w.:/@-])[45]\d\d(?:[ -]|$)|(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?![\w.])")
_AHEAD: Final = 6  # lines behind RCPT TO in which its reply stands
_DOTS: Final = re.compile(r"<?(?<![^\s<>])(?P<address>[^\s<>]{1,320})>?\s{0,3}\.\.\.\s{0,3}(?P<reason>\S.{0,500})")
_LABEL: Final = re.compile(
    r"[\W_]{0,8}(?P<label>[^\W\d_][^:<>@=\uff1a]{0,40}?)\s{0,4}(?:[:=\uff1a]|\s<)(?P<rest>.{1,500})"
)
_ITEM: Final = re.compile(
    r"[\W_]{0,6}(?P<address>[^\s<>\"'(),;:@]{1,200}@[^\s<>\"'(),;:@]{1,250})[>\"')]{0,3}\s{0,4}(?P<rest>.{0,1000})$"
)


def read(notice: Notice) -> Fields | None:
    """Return the recipients by the best evidence there is; a Kind alone for a notice that names nobody."""
    waiting = waits(notice.flat, notice.words)
    if not (waiting or notice.failed_header or says_failure(notice.flat) or says_failure(notice.subject)):
        return None
    action = Action.DELAYED if waiting else Action.FAILED
    for reader in _READERS:
        found = [
            item for item in _located(reader.read(notice), action) if reader.explicit or not _foreign(item, notice)
        ]
        if found:
            return Fields(format="general", blocks=_weighed(reader, blocks(found, Confidence.LOW)))
    return Fields(format="general", kind=Kind.DELAYED if waiting else Kind.BOUNCE)


def _weighed(reader: _Reader, found: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks, of medium confidence where each recipient has the code of its own failure beside it."""
    if reader.text is _Text.GUESSED or (reader.text is _Text.SHARED and len(found) > 1):
        return found
    known = has_code if reader.explicit else has_own_code
    return tuple(replace(item, confidence=Confidence.MEDIUM) for item in found) if all(map(known, found)) else found


def _located(found: Iterable[Found], action: Action) -> Iterator[Found]:
    for item in found:
        address = cleaned(item.address)
        if is_address(address):
            yield Found(address=address, text=item.text, action=action, original=item.original, host=item.host)


def _foreign(item: Found, notice: Notice) -> bool:
    """Tell whether an address stands in the notice for someone else than its recipient."""
    return notice.is_bystander(item.address or "")


def _header(notice: Notice) -> Iterator[Found]:
    text = _core(notice) if notice.failed_header else ""
    alone = len(notice.failed_header) == 1
    for address in notice.failed_header:
        near = [line for line in notice.lines if address.lower() in line.lower()]
        yield Found(address=address, text=text if alone or not near else "\n".join(near))


def _core(notice: Notice) -> str:
    """Return the lines that say what happened: the replies, else the failure sentences."""
    lines = [line.strip() for line in notice.lines]
    replies = [line for line in lines if _REPLY.search(line)]
    told = [] if replies else [line for number, line in enumerate(lines) if notice.told.failure((number,))]
    return "\n".join(replies or told or filter(None, lines))[:1000]


def _transcript(notice: Notice) -> Iterator[Found]:
    """RCPT TO and the answer behind it."""
    lines = notice.lines
    for number, line in enumerate(lines):
        match = _RCPT.search(line) if "@" in line else None
        if match is None:
            continue
        for after in lines[number : number + _AHEAD]:
            rest = after[match.end() :] if after is line else after
            if after is not line and _RCPT.search(after):
                break
            if reply := _REPLY.search(rest):
                yield Found(address=match["address"], text=f"in reply to RCPT TO: {rest[reply.start() :]}")
                break


def _dots(notice: Notice) -> Iterator[Found]:
    """Sendmail's `address... reason`."""
    for line in notice.lines:
        match = _DOTS.search(line) if "..." in line and "@" in line else None
        if match:
            yield Found(address=match["address"], text=line.strip())


def _labelled(notice: Notice, table: str) -> Iterator[Found]:
    labels = frozenset(load("general")[table])
    text = ""
    for line in notice.lines:
        match = _LABEL.match(line) if "@" in line else None
        if match and " ".join(match["label"].lower().split()) in labels:
            text = text or _core(notice)  # not for each line of a long list
            for address in find_addresses(match["rest"]):
                yield Found(address=address, text=text)


def _recipient_label(notice: Notice) -> Iterator[Found]:
    """`Recipient: address` and the like, in many languages."""
    return _labelled(notice, "labels")


def _to_label(notice: Notice) -> list[Found]:
    """`To: address`, which may also be the header of the mail that is described: taken when it is the only one."""
    found = list(_labelled(notice, "weak_labels"))
    return found if len({(item.address or "").lower() for item in found}) == 1 else []


def _only_one(notice: Notice) -> list[Found]:
    """Return the only address of the whole notice that could be a recipient."""
    address = only_one(notice)
    return [Found(address=address, text=_core(notice))] if address else []


def _listed(notice: Notice) -> Iterator[Found]:
    """Yield each address at the start of a line with a reply or a failure behind or below it."""
    lines = notice.lines
    apart = load("general")["not_recipients"]
    for number, line in enumerate(lines):
        match = _ITEM.match(line) if "@" in line else None
        if match and not any(words in line.lower() for words in apart):
            below = [after for after in range(number + 1, min(number + 4, len(lines))) if "@" not in lines[after]]
            near = "\n".join([match["rest"], *(lines[after] for after in below)])
            if _REPLY.search(near) or notice.told.failure({number, *below}):
                yield Found(address=match["address"], text=near)


class _Text(Enum):
    """Whose text a reader gives to a recipient."""

    OWN = auto()  # what stands beside it
    SHARED = auto()  # the whole notice's, which speaks of it where it is the only one
    GUESSED = auto()  # the whole notice's, and the recipient is a guess


class _Reader(NamedTuple):
    read: Callable[[Notice], Iterable[Found]]
    explicit: bool  # names recipients beyond doubt: even the notice's own addressee, or a postmaster, may be one
    text: _Text


_READERS: Final = (
    _Reader(angle.read, explicit=True, text=_Text.OWN),
    _Reader(_transcript, explicit=True, text=_Text.OWN),
    _Reader(_dots, explicit=False, text=_Text.OWN),
    _Reader(_listed, explicit=False, text=_Text.OWN),
    _Reader(_recipient_label, explicit=False, text=_Text.SHARED),
    _Reader(below_sentence, explicit=False, text=_Text.OWN),
    _Reader(_header, explicit=True, text=_Text.SHARED),
    _Reader(_to_label, explicit=False, text=_Text.GUESSED),
    _Reader(_only_one, explicit=False, text=_Text.GUESSED),
)

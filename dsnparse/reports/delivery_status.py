"""Delivery status notifications: RFC 3464, RFC 6533, and what real systems make of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.message import RETURNED, STATUS
from dsnparse.model import Action, Block, Defect, Fields
from dsnparse.reports.groups import Group, part_text, read_groups, typed
from dsnparse.reports.notice import looks_like_notice
from dsnparse.smtp.reply import read as read_reply
from dsnparse.text.addresses import bare
from dsnparse.text.dates import parse_date
from dsnparse.text.xtext import decode_utf8_address, decode_xtext

if TYPE_CHECKING:
    from dsnparse.message import Message, Part

__all__ = ["read"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_DELAYED: Final = Action.DELAYED
_FAILED: Final = Action.FAILED

_PER_MESSAGE: Final = frozenset(
    {"original-envelope-id", "reporting-mta", "dsn-gateway", "received-from-mta", "arrival-date", "deliver-by-date"},
)

# Fields that occur once for a recipient, and by whose return a joined or damaged group shows that the next one began.
_ONCE: Final = frozenset({"original-recipient", "final-recipient", "action", "status"})
_PER_RECIPIENT: Final = _ONCE | {
    "remote-mta",
    "diagnostic-code",
    "last-attempt-date",
    "final-log-id",
    "will-retry-until",
}

# Words seen besides the five of RFC 3464 section 2.3.3; transferred is from RFC 3886 section 3.3.4.
_ACTIONS: Final = {action.value: action for action in Action} | {
    "failure": Action.FAILED,
    "error": Action.FAILED,
    "expired": Action.FAILED,
    "undeliverable": Action.FAILED,
    "fail": Action.FAILED,
    "deliverable": Action.DELIVERED,
    "transferred": Action.RELAYED,
}

# What a sound report says, read by one pattern each: `rfc822; alice@example.org`, `dns; mx.example.org`, `5.1.1`.
# A plus may be xtext; what an address may have around it is in dsnparse.text.addresses.
_PROPER_ADDRESS: Final = re.compile(
    r"[Rr][Ff][Cc]822[ \t]*;[ \t]*([A-Za-z0-9_=-][A-Za-z0-9._=-]*@[A-Za-z0-9.-]*[A-Za-z0-9-])"
)
_PROPER_MTA: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}[ \t]*;[ \t]*([A-Za-z0-9._-]*[A-Za-z0-9_-])")
_PROPER_STATUS: Final = re.compile(r"[245]\.(?:0|[1-9][0-9]{0,2})\.(?:0|[1-9][0-9]{0,2})")

_STATUS: Final = re.compile(r"\(?([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE: Final = re.compile(r"([245]\d\d)(?![\d.])")

# Tell-tales of a status part under another label: each stands at the start of a line in every one.
_MARKS: Final = (b"final-recipient:", b"original-recipient:")
_HEAD: Final = 64 * 1024  # bytes of a part in which they are looked for
_MORE_MARKS: Final = (b"\naction:", b"\nstatus:", b"\ndiagnostic-code:")
_FIRST_FIELD: Final = re.compile(
    r"^(?:reporting-mta|original-recipient|final-recipient):", re.IGNORECASE | re.MULTILINE
)


def _unlabelled(part: Part) -> bool:
    """Tell whether a part is a status part under a wrong type (28 of 596 real ones: text/plain and others)."""
    if part.content_type in RETURNED or part.content_type == "text/html":
        return False
    head = b"\n" + part.head(_HEAD).lower()
    return any(b"\n" + mark in head for mark in _MARKS) and any(mark in head for mark in _MORE_MARKS)


def _groups(message: Message, defects: list[Defect]) -> list[list[Group]]:
    """Return the groups of each status part; of mislabelled ones only in a mail that a mail system wrote."""
    parts = [part for part in message.parts if part.content_type in STATUS]
    if parts:
        return [read_groups(part_text(part, defects), defects, message.limits) for part in parts]
    if message.content_type != "multipart/report" and not looks_like_notice(message):
        return []
    found = []
    for part in filter(_unlabelled, message.parts):
        text = part_text(part, defects)
        if first := _FIRST_FIELD.search(text):
            # Words for people stand in front, the header of the returned mail may stand behind: neither is a group.
            groups = read_groups(text[first.start() :], [], message.limits)
            known = _PER_MESSAGE | _PER_RECIPIENT
            found.append([group for group in groups if any(name in known for name, _ in group)])
            defects.append(Defect(code="status_part_mislabelled", detail=part.content_type))
    return found


def _split_recipients(groups: list[Group]) -> tuple[Group, list[Group]]:
    """Part per-message from per-recipient fields, and recipient from recipient, whatever the blank lines say."""
    per_message: Group = []
    recipients: list[Group] = []
    seen: set[str] = set()
    for index, group in enumerate(groups):
        names = {name for name, _ in group}
        # The first group is the message's, whatever extension fields it holds, unless it names a recipient.
        first = index == 0 and _PER_RECIPIENT.isdisjoint(names)
        if first:
            per_message += group
            continue
        opener = group[0][0]
        sound = len(names) == len(group) and _PER_MESSAGE.isdisjoint(names)
        if sound and (not recipients or (opener in _ONCE and opener in seen)):  # nothing joined, nothing repeated
            recipients.append(group)
            seen = names
            continue
        for position, (name, value) in enumerate(group):
            if name in _PER_MESSAGE:
                per_message.append((name, value))
                continue
            again = name in seen and (name != "status" or position == 0)
            if not recipients or (again and name in _ONCE):
                fresh: Group = []
                # Joined groups: the Original-Recipient in front of this one was taken for a field of the one before.
                if again and name == "final-recipient" and recipients[-1][-1][0] == "original-recipient" and position:
                    fresh.append(recipients[-1].pop())
                recipients.append(fresh)
                seen = {known for known, _ in fresh}
            recipients[-1].append((name, value))
            seen.add(name)
    return per_message, recipients


def _address(value: str) -> str | None:
    """Return the address of a recipient field (RFC 3464 section 2.3.2: any text; RFC 6533 section 3 for utf-8)."""
    if proper := _PROPER_ADDRESS.fullmatch(value):
        return proper[1]
    if not value:
        return None
    kind, text = typed(value)
    if kind == "utf-8":
        text = decode_utf8_address(text)
    elif kind in {"rfc822", None}:
        text = decode_xtext(text)
    return bare(text) or None


def _mta(value: str | None) -> str | None:
    """Return the name of an MTA field without its type and without comments (RFC 3464 section 2.2.2)."""
    if value is None:
        return None
    if proper := _PROPER_MTA.fullmatch(value):
        return proper[1]
    return typed(value)[1].partition(" (")[0].strip().rstrip(".") or None


def _action(value: str | None) -> Action | None:
    if not value:
        return None
    return _ACTIONS.get(value) or _ACTIONS.get(value.partition("(")[0].strip().strip(".;").lower())


def _codes(value: str, defects: list[Defect]) -> tuple[str | None, str | None]:
    """Return the enhanced code (RFC 3464 section 2.3.4) and the reply code of a Status field; either occurs."""
    if _PROPER_STATUS.fullmatch(value):
        return value, None
    value = value.strip()
    if found := _STATUS.match(value):
        code = ".".join(str(int(number)) for number in found.groups())
        if code != found[0].lstrip("("):
            defects.append(Defect(code="status_leading_zero", detail=found[0]))
        return code, None
    found = _REPLY_CODE.match(value)
    return None, found[1] if found else None


def _first_of_each(group: Group, defects: list[Defect]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in group:
        if name not in fields:
            fields[name] = value
        elif name != "localized-diagnostic":  # several are allowed (RFC 6533 section 4.1)
            defects.append(Defect(code="duplicate_field", detail=name))
    return fields


def _block(group: Group, defects: list[Defect]) -> Block:
    """Make a recipient's block of its fields, the first of each name, and of the codes and the stage in its reply."""
    fields = dict(group)
    if len(fields) < len(group):
        fields = _first_of_each(group, defects)
    final = _address(fields.pop("final-recipient", "")) or _address(fields.get("x-actual-recipient", ""))
    original = _address(fields.get("original-recipient", ""))
    status, reply_code = _codes(fields.get("status", ""), defects)
    if "(" not in fields.get("status", ""):  # a comment there may be the only word on the why, and is kept
        fields.pop("status", None)
    kind, diagnostic = typed(fields.pop("diagnostic-code", ""))
    retry_until = parse_date(fields.get("will-retry-until"))
    action = _action(fields.pop("action", None))
    reply = read_reply(diagnostic)
    if action is None:  # missing: what the code and the promise to go on say
        action = _DELAYED if retry_until else _FAILED if status and status[0] == "5" else None
    return Block(
        address=final or original,
        original_address=original,
        action=action,
        reported_status=status,
        reply_status=reply.status,
        reply_code=reply_code or reply.code,
        diagnostic_type=kind,
        diagnostic=diagnostic or None,
        remote_mta=_mta(fields.pop("remote-mta", None)),
        stage=reply.stage,
        will_retry_until=retry_until,
        extra=fields,
    )


def read(message: Message) -> Fields | None:
    """Read all delivery-status parts of a mail; None when there is none with a recipient or a reporting MTA in it.

    The parts of a returned mail are never among them: dsnparse.message does not look inside.
    """
    defects: list[Defect] = []
    per_message: Group = []
    recipients: list[Group] = []
    for groups in _groups(message, defects):
        head, tail = _split_recipients(groups)
        per_message += head
        recipients += tail
    if not per_message and not recipients:
        return None
    if len(recipients) > (most := message.limits.recipients):
        defects.append(Defect(code="too_many_recipients", detail=f"over {most}"))
    extra: dict[str, str] = {}
    for name, value in per_message:
        extra.setdefault(name, value)
    return Fields(
        format="rfc3464",
        blocks=tuple(_block(group, defects) for group in recipients[:most]),
        reporting_mta=_mta(extra.pop("reporting-mta", None)),
        envelope_id=extra.pop("original-envelope-id", None),
        extra=extra,
        defects=tuple(defects),
    )

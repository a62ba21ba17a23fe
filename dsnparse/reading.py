"""Steps 2 to 5 in order, and nothing else: bytes to a Report."""

from __future__ import annotations

import traceback
from email.message import Message as StdlibMessage
from typing import TYPE_CHECKING, Final

from dsnparse import formats, message
from dsnparse.frozen import replace
from dsnparse.model import (
    Action,
    AddressAdvice,
    AddressAdviceKind,
    BounceType,
    Confidence,
    Defect,
    Fields,
    Kind,
    Recipient,
    Report,
)
from dsnparse.reports import autoreply, delivery_status, disposition, feedback
from dsnparse.reports.notice import from_daemon, looks_like_notice, notice_subject, null_return_path
from dsnparse.reports.original import identifier, traces
from dsnparse.status import complete, effective_status, judge
from dsnparse.text.dates import parse_date
from dsnparse.text.limits import DEFAULT, REACHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsnparse.message import Message
    from dsnparse.model import Block
    from dsnparse.status import Rules
    from dsnparse.text.limits import Limits

__all__ = ["parse", "read", "recipient_of"]

# An enum's member is looked up in ten times as long as a name of the module, before Python 3.12.
_ACTION_DELAYED: Final = Action.DELAYED
_FAILED: Final = Action.FAILED
_HARD: Final = BounceType.HARD
_SOFT: Final = BounceType.SOFT
_LOW: Final = Confidence.LOW
_BOUNCE: Final = Kind.BOUNCE
_KIND_DELAYED: Final = Kind.DELAYED
_DELIVERED: Final = Kind.DELIVERED
_OTHER: Final = Kind.OTHER

_TAKEN: Final = (bytes, bytearray, memoryview, StdlibMessage)

_FORWARDS: Final = 3  # how many mails deep a report that people forwarded is looked for

_MILDEST: Final = {BounceType.SOFT: 0, None: 1, BounceType.HARD: 2}

_TELLING: Final = REACHED | {"report_forwarded"}  # defects by which a mail is left to a person

_DONE: Final = frozenset({Action.DELIVERED, Action.RELAYED, Action.EXPANDED})


def _fields(mail: Message) -> Fields | None:
    """Ask the readers in order; the first that knows the mail wins."""
    found = feedback.read(mail) or disposition.read(mail)
    if found is not None:
        return found
    found = delivery_status.read(mail)
    if found is not None:
        if not looks_like_notice(mail) and not from_daemon(mail):
            return _by_a_person(found)
    elif (answer := autoreply.read(mail)) is not None:
        return answer
    return formats.read(mail, found) or found


def _forwarded(mail: Message) -> tuple[Message, Fields] | None:
    """Look for a report in a mail that a person or a gateway passed on as an attachment (RFC 6522 section 1)."""
    for _ in range(_FORWARDS):
        part = mail.first("message/rfc822", "message/global")
        if part is None or part.container == "multipart/digest":
            return None
        mail = message.read(part.decoded(), mail.limits)
        found = delivery_status.read(mail)
        if found is not None and found.blocks:
            return mail, found
    return None


def _passed_on(outer: Message, inner: Message, fields: Fields) -> tuple[Message, Fields]:
    """Weigh a report that came inside another mail: it is as good as whoever passed it on.

    A gateway's notice that wraps the report is a mail system's word.  A person's forward, a ticket system's copy, is
    not: what it tells may be old, or repaired, or somebody else's, and so never condemns an address.
    """
    if from_daemon(outer) or null_return_path(outer):
        return inner, replace(fields, defects=(Defect(code="report_wrapped"), *fields.defects))
    return inner, _by_a_person(fields)


def _by_a_person(fields: Fields) -> Fields:
    """Return what a person's letter brings along, so that it condemns nobody."""
    blocks = tuple(replace(block, confidence=_LOW) for block in fields.blocks)
    return replace(fields, blocks=blocks, defects=(Defect(code="report_forwarded"), *fields.defects))


def _names_nobody(fields: Fields) -> bool:
    """Tell whether a notice names no recipient; a returned mail behind it is then all that can."""
    return not fields.blocks and fields.kind in {None, _BOUNCE}


def _kind(fields: Fields, mail: Message) -> Kind:
    """Tell what a mail is by its recipients; a failure notice that names nobody is a bounce without recipients."""
    if fields.kind is not None:
        return fields.kind
    actions = [block.action for block in fields.blocks]  # a set would call the enum's hash, which is no quick one
    if _FAILED in actions:
        return _BOUNCE
    if _ACTION_DELAYED in actions:
        return _KIND_DELAYED
    if any(action in _DONE for action in actions):
        return _DELIVERED
    return _BOUNCE if actions or notice_subject(mail) else _OTHER


def _with_comment(block: Block) -> Block:
    """Take the comment of the Status field for the diagnostic that nothing else gave (RFC 3464 section 2.3.4)."""
    if block.diagnostic is not None or "status" not in block.extra:
        return block
    comment = block.extra["status"].partition("(")[2].rpartition(")")[0].strip()
    return replace(block, diagnostic=comment) if comment else block


def recipient_of(block: Block, *, rules: Rules | None = None) -> Recipient:
    """Return the recipient that a block describes, with the codes in effect and the verdict."""
    block = complete(_with_comment(block))
    return Recipient(
        address=block.address,
        original_address=block.original_address,
        action=block.action,
        status=effective_status(block),
        reported_status=block.reported_status,
        reply_status=block.reply_status,
        reply_code=block.reply_code,
        diagnostic_type=block.diagnostic_type,
        diagnostic=block.diagnostic,
        remote_mta=block.remote_mta,
        stage=block.stage,
        will_retry_until=block.will_retry_until,
        verdict=judge(block, rules=rules),
        extra=block.extra,
    )


def _once_each(recipients: list[Recipient]) -> tuple[Recipient, ...]:
    """Keep one recipient of each address and action: an MTA that tried eleven hosts may list one address eleven times.

    Where their verdicts differ the mildest stands: soft, else open, else hard.  An address that the same mail also
    calls delivered or delayed is not dead, whatever else the mail says of it.
    """
    if len(recipients) <= 1:
        return tuple(recipients)
    kept: dict[tuple[str | None, str | None, Action | None], Recipient] = {}
    actions: dict[str | None, set[Action | None]] = {}
    for recipient in recipients:
        address, original = recipient.address, recipient.original_address
        key = (address and address.lower(), original and original.lower(), recipient.action)
        actions.setdefault(key[0], set()).add(recipient.action)
        known = kept.get(key)
        if known is None or _MILDEST[recipient.verdict.bounce_type] < _MILDEST[known.verdict.bounce_type]:
            kept[key] = recipient
    return tuple(_milder(one) if len(actions[key[0]]) > 1 else one for key, one in kept.items())


def _milder(recipient: Recipient) -> Recipient:
    """Return a recipient whose address is not condemned, because its mail contradicts itself."""
    verdict = recipient.verdict
    if verdict.bounce_type is not _HARD:
        return recipient
    keep = AddressAdvice(advice=AddressAdviceKind.KEEP)
    verdict = replace(verdict, bounce_type=_SOFT, confidence=_LOW, address_advice=keep)
    return replace(recipient, verdict=verdict)


def _contradictions(recipients: Iterable[Recipient]) -> tuple[Defect, ...]:
    """Record where the codes on a recipient are of different classes, or do not go with the action (RFC 3464)."""
    found = []
    for one in recipients:
        codes = [code for code in (one.reported_status, one.reply_status, one.reply_code) if code]
        if not codes:
            continue
        classes = {code[0] for code in codes}
        odd = "2" if one.action is _FAILED else "5" if one.action is _ACTION_DELAYED else None
        if len(classes) > 1 or odd in classes:
            found.append(Defect(code="codes_contradict", detail=" ".join([one.action or "", *codes]).strip()))
    return tuple(found)


def _defects(outer: Message, inner: Message, found: Iterable[Defect]) -> tuple[Defect, ...]:
    """Return the defects of a mail, of a report within it only what tells of limits; not more than the limit of them.

    Ask last: a limit may be reached at any step.
    """
    own = outer.defects if inner is outer else [*outer.defects, *(one for one in inner.defects if one.code in REACHED)]
    every = (*own, *found)
    most = outer.limits.defects
    if len(every) <= most:
        return every
    told = Defect(code="too_many_defects", detail=f"{len(every)}, over {most}")
    return (*every[:most], *(one for one in every[most:] if one.code in _TELLING), told)


def read(raw: bytes, *, headers: Iterable[str] = (), rules: Rules | None = None, limits: Limits = DEFAULT) -> Report:
    """Read one mail.  This has no net: any bytes give a Report, and an exception here is a bug.

    headers: names of fields of the original mail that are wanted in `original.headers`.
    rules: in place of the built-in ones.
    """
    outer = mail = message.read(raw, limits)
    fields = _fields(mail)
    if (fields is None or _names_nobody(fields)) and (inner := _forwarded(mail)) is not None:
        mail, fields = _passed_on(outer, *inner)
    header = outer.header
    message_id, date = identifier(header.get("message-id")), parse_date(header.get("date"))
    subject, from_ = header.get("subject"), header.get("from")
    if fields is None:
        defects = _defects(outer, mail, ())
        return Report(message_id=message_id, date=date, subject=subject, from_=from_, defects=defects)
    if len(fields.blocks) > limits.recipients:
        mail.reached("too_many_recipients", f"over {limits.recipients}")
    recipients = _once_each([recipient_of(block, rules=rules) for block in fields.blocks[: limits.recipients]])
    kind = _kind(fields, mail)
    if kind is not _BOUNCE:  # a report of delays and successes condemns nobody whose action it does not state
        recipients = tuple(map(_milder, recipients))
    original = traces(mail, formats.returned_text(mail) if mail.returned is None else None, headers)
    return Report(
        kind=kind,
        format=fields.format,
        message_id=message_id,
        date=date,
        subject=subject,
        from_=from_,
        reporting_mta=fields.reporting_mta,
        envelope_id=fields.envelope_id,
        feedback_type=fields.feedback_type,
        disposition=fields.disposition,
        recipients=recipients,
        original=original,
        defects=_defects(outer, mail, (*fields.defects, *_contradictions(recipients))),
        extra=fields.extra,
    )


def parse(
    raw: bytes | bytearray | memoryview | StdlibMessage,
    *,
    headers: Iterable[str] = (),
    rules: Rules | None = None,
    limits: Limits = DEFAULT,
) -> Report:
    """Read one mail and say for each recipient what happened; never raises for any bytes.

    raw: the mail as it was received.  An `email.message.Message` is taken too, but the stdlib has then already lost
        fields of damaged status parts: give bytes where you have them.
    headers: names of fields of the original mail that are wanted in `report.original.headers`.
    rules: what `dsnparse.status.load_rules` returned, in place of the built-in rules.
    limits: how much of a mail is read; `dsnparse.text.limits.Limits` has the numbers and why.

    Raises TypeError for anything else, text included: text has lost the bytes that a mail is made of.
    Should dsnparse itself fail, the report has a defect `internal_error` with the traceback: a bug, please report it.
    """
    if not isinstance(raw, _TAKEN):
        problem = f"parse() takes bytes or an email.message.Message, not {type(raw).__name__}"
        raise TypeError(problem)
    wanted = tuple(headers)
    try:
        data = raw.as_bytes() if isinstance(raw, StdlibMessage) else bytes(raw)
        return read(data, headers=wanted, rules=rules, limits=limits)
    except Exception:  # noqa: BLE001 - the net: one mail must never stop the others
        return Report(defects=(Defect(code="internal_error", detail=traceback.format_exc(limit=-8)),))

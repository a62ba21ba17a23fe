"""The words of dsnparse: what a mail says, and what that means.

Everything here is frozen data.  `None` always means "the mail does not say": no value is ever invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from dsnparse.frozen import quick_init

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "About",
    "Action",
    "AddressAdvice",
    "AddressAdviceKind",
    "Block",
    "BounceType",
    "Confidence",
    "Decision",
    "Defect",
    "Event",
    "Fields",
    "Guard",
    "Kind",
    "Original",
    "Reason",
    "Recipient",
    "Report",
    "Retry",
    "RetryAdvice",
    "Stage",
    "Trust",
    "Verdict",
    "Wanted",
    "decision_id",
]


class Kind(StrEnum):
    """What a mail is, taken as a whole."""

    BOUNCE = "bounce"  # a recipient failed, or a failure notice that names nobody
    DELAYED = "delayed"  # none failed, at least one is still being tried
    DELIVERED = "delivered"  # a success report: delivered, relayed or expanded
    FEEDBACK = "feedback"  # a complaint in ARF, RFC 5965
    RECEIPT = "receipt"  # a disposition notification, RFC 8098
    AUTOREPLY = "autoreply"  # a vacation or other automatic answer, RFC 3834
    OTHER = "other"  # a person's letter, a newsletter, anything else


class Action(StrEnum):
    """What the reporting MTA did for a recipient (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


class Stage(StrEnum):
    """The point in the SMTP dialogue at which a reply was given."""

    CONNECT = "connect"  # the banner, or no connection at all
    HELO = "helo"  # HELO, EHLO, STARTTLS and AUTH: before any sender was named
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the answer to the DATA command
    EOD = "eod"  # the answer to the final dot, or to BDAT LAST


class BounceType(StrEnum):
    """Whether a failure condemns the address."""

    HARD = "hard"  # the address or its domain is dead
    SOFT = "soft"  # this message failed; the address may live


class Reason(StrEnum):
    """Why a recipient was not reached."""

    USER_UNKNOWN = "user_unknown"
    MAILBOX_DISABLED = "mailbox_disabled"
    MAILBOX_MOVED = "mailbox_moved"
    MAILBOX_FULL = "mailbox_full"
    RECIPIENT_REFUSED = "recipient_refused"
    DOMAIN_NOT_FOUND = "domain_not_found"
    DOMAIN_NO_MAIL = "domain_no_mail"
    MESSAGE_TOO_BIG = "message_too_big"
    CONTENT_REJECTED = "content_rejected"
    SPAM_CONTENT = "spam_content"
    VIRUS = "virus"
    NOT_RFC_COMPLIANT = "not_rfc_compliant"
    AUTH_FAILURE = "auth_failure"
    SENDER_REJECTED = "sender_rejected"
    NO_REVERSE_DNS = "no_reverse_dns"
    SENDER_BLOCKED = "sender_blocked"
    RELAY_DENIED = "relay_denied"
    SECURITY_ERROR = "security_error"
    TLS_FAILURE = "tls_failure"
    POLICY_REFUSED = "policy_refused"
    RATE_LIMITED = "rate_limited"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    GREYLISTED = "greylisted"
    SYSTEM_ERROR = "system_error"
    SYSTEM_FULL = "system_full"
    NETWORK_ERROR = "network_error"
    EXPIRED = "expired"
    PROTOCOL_ERROR = "protocol_error"
    UNDETERMINED = "undetermined"


class About(StrEnum):
    """Whose fault it is."""

    RECIPIENT = "recipient"
    DOMAIN = "domain"
    MESSAGE = "message"
    SENDER = "sender"
    NETWORK = "network"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure a statement is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class RetryAdvice(StrEnum):
    """What to do with this message."""

    STOP = "stop"
    RETRY = "retry"
    RETRY_SLOWER = "retry_slower"
    SPLIT = "split"  # send it again to fewer recipients at once
    FIX_AND_RESEND = "fix_and_resend"
    WAIT = "wait"  # the MTA that wrote the report is still trying
    ASK_A_PERSON = "ask_a_person"


class AddressAdviceKind(StrEnum):
    """What to do with this address."""

    KEEP = "keep"
    PAUSE = "pause"
    DROP = "drop"


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Something in a mail that breaks the rules or went over a limit, and how it was taken."""

    code: str  # a fixed word such as "header_too_long"; docs/defects.md lists them
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When this message may be sent again."""

    advice: RetryAdvice
    after_seconds: int | None = None  # wait this long before the first attempt
    give_up_after_seconds: int | None = None  # counted from the first attempt of all


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAdvice:
    """When this address may be mailed again."""

    advice: AddressAdviceKind
    after_seconds: int | None = None  # for pause: how long


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a recipient's block means."""

    bounce_type: BounceType | None = None  # None: nothing failed, or nothing can be said
    reason: Reason | None = None
    about: About | None = None
    permanent: bool | None = None  # this message will not be delivered; says nothing on the address
    confidence: Confidence = Confidence.LOW
    rule: str | None = None  # the id of the rule that fired
    evidence: str | None = None  # the words it fired on
    retry: Retry | None = None
    address_advice: AddressAdvice | None = None


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One recipient as a report or a notice states it, before any verdict.

    `confidence` is the reader's own: high for a proper delivery-status part or a format whose source we know, low for
    what a general reader pieced together.  A block of low confidence never makes a hard verdict.
    """

    address: str | None = None  # Final-Recipient; case kept (RFC 3464 section 2.3.2)
    original_address: str | None = None  # Original-Recipient
    action: Action | None = None
    reported_status: str | None = None  # the Status field, "5.1.1"
    reply_status: str | None = None  # the enhanced code inside the reply
    reply_code: str | None = None  # the three-digit SMTP code, "550"
    diagnostic_type: str | None = None  # "smtp", "x-unix", ...
    diagnostic: str | None = None  # the reply or the MTA's own words, unfolded
    remote_mta: str | None = None  # who refused
    stage: Stage | None = None
    will_retry_until: datetime | None = None
    confidence: Confidence = Confidence.HIGH
    extra: Mapping[str, str] = field(
        default_factory=dict
    )  # every field that has no place above, raw, by lower-case name


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What one reader (of reports/ or formats/) found in a mail."""

    format: str  # "rfc3464", "arf", "mdn", "rfc3834", or the format's name
    kind: Kind | None = None  # None: the recipients' actions decide
    blocks: tuple[Block, ...] = ()
    reporting_mta: str | None = None
    envelope_id: str | None = None
    feedback_type: str | None = None
    disposition: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One recipient's block with the codes in effect and the verdict."""

    address: str | None = None
    original_address: str | None = None
    action: Action | None = None
    status: str | None = None  # the most specific enhanced code that the mail states
    reported_status: str | None = None
    reply_status: str | None = None
    reply_code: str | None = None
    diagnostic_type: str | None = None
    diagnostic: str | None = None
    remote_mta: str | None = None
    stage: Stage | None = None
    will_retry_until: datetime | None = None
    verdict: Verdict = field(default_factory=Verdict)
    extra: Mapping[str, str] = field(default_factory=dict)


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """Traces of the mail that the report is about, from the returned part."""

    message_id: str | None = None  # without angle brackets
    from_: str | None = None
    to: str | None = None
    subject: str | None = None
    date: datetime | None = None
    list_id: str | None = None  # without angle brackets
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # those asked for by name, lower-case


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The answer for one mail."""

    kind: Kind = Kind.OTHER
    format: str | None = None
    message_id: str | None = None
    date: datetime | None = None
    subject: str | None = None
    from_: str | None = None
    reporting_mta: str | None = None
    envelope_id: str | None = None
    feedback_type: str | None = None
    disposition: str | None = None
    recipients: tuple[Recipient, ...] = ()
    original: Original = field(default_factory=Original)
    defects: tuple[Defect, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)  # more fields of the message's group


class Trust(StrEnum):
    """How sure it is that a report answers our own mail to that recipient."""

    STRONG = "strong"  # it came to a return path that carries our signature for that recipient
    WEAK = "weak"  # it answers a Message-ID that we sent to that recipient, which every reader of the list knows
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One failure as written in the ledger: (address, list, original message), however many reports tell of it.

    A complaint is one too: `feedback_type` is then "abuse" or "opt-out" (RFC 5965), and nothing failed.
    """

    address: str  # the subscriber: strict syntax, the domain in lower case
    list: str = ""  # the name of the list, empty where it is not known
    original: str  # the failed mail's Message-ID, else what stands for it: our token, or a digest of the report
    at: datetime  # when the report came, by our own system; never the mail's Date
    trust: Trust = Trust.NONE
    final_address: str | None = None  # who failed, where mail for the address goes on to somebody else
    bounce_type: BounceType | None = None
    reason: Reason | None = None
    status: str | None = None
    reply_code: str | None = None
    diagnostic: str | None = None
    remote_mta: str | None = None
    reporting_mta: str | None = None
    rule: str | None = None
    evidence: str | None = None
    feedback_type: str | None = None


class Wanted(StrEnum):
    """What policy wants for an address on a list."""

    NONE = "none"
    DISABLE = "disable"  # no mail, until a time or until a person says so; the subscription stays
    REMOVE = "remove"
    RESTORE = "restore"  # mail again: the time of a disable is over, or a person took a decision back


class Guard(StrEnum):
    """What stops a decision until a person says so."""

    TRUST = "trust"  # nothing shows that the report answers our own mail
    ALIAS = "alias"  # mail for the address goes on to somebody else, who is dead
    SYSTEM = "system"  # the address of a mail system, not of a person
    PROTECTED = "protected"  # an owner, a moderator, or named in the owner's file
    STORM = "storm"  # its domain or the organisation that refuses has a bad day
    CAP = "cap"  # more than may be done in one day


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What policy wants for an address on a list, and why."""

    address: str
    list: str = ""
    wanted: Wanted
    held: Guard | None = None  # what stops it
    why: str
    event: Event  # the failure that decided
    until: datetime | None = None  # for a disable: when it ends; None: when a person says so
    ripe_at: datetime | None = None  # not to be done before; None: at once

    @property
    def id(self) -> str:
        """The idempotency key: the same decision, however often it is reached, on whatever machine."""
        return decision_id(self.wanted, self.list, self.address, self.event.original)


def decision_id(wanted: str, on: str, address: str, original: str) -> str:
    """Return the idempotency key of what is wanted for an address on a list after the failure of a mail."""
    return sha256(f"{wanted}\0{on}\0{address}\0{original}".encode("utf-8", "backslashreplace")).hexdigest()[:32]

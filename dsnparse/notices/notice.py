"""What a run came to, for its owner, and the words of the mail that tells it.  Pure: no clock, nothing is sent.

Words that came from a mail stand in the body only, never in a header: addresses, the names of files, what policy says
of them.  They lose everything that could drive a terminal or turn the writing direction, and are cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from email.message import EmailMessage

    from dsnparse.model import Decision
    from dsnparse.notices.settings import NotifySettings

__all__ = ["Notice", "compose", "neutral", "payload", "worth_telling"]

_LONGEST: Final = 300  # characters of one address, name or reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a run came to."""

    started: datetime  # with its zone
    live: bool
    done: Sequence[Decision] = ()  # carried out in this run
    held: Sequence[Decision] = ()  # newly held: they wait for a person
    not_understood: Sequence[tuple[str, str]] = ()  # where the mail lies, and what is the matter with it
    storms: Sequence[str] = ()  # domains or organisations that have a bad day, one line each
    failures: Sequence[str] = ()  # what the lists' systems could not do, one line each
    counts: Mapping[str, int] = field(default_factory=dict)  # such as "mails read"


def worth_telling(notice: Notice) -> bool:
    """Tell whether anything was done, held, not understood, or went wrong."""
    return any((notice.done, notice.held, notice.not_understood, notice.storms, notice.failures))


def neutral(text: str) -> str:
    r"""Return words of a mail as one bounded line of printable letters; any other letter is an escape such as `\x1b`.

    What Unicode calls a control or a format character is not printable: line ends and those that turn the writing
    direction are among them.
    """
    text = text[: _LONGEST + 1]
    cut = text[:_LONGEST] + "..." if len(text) > _LONGEST else text
    return "".join(c if c.isprintable() else c.encode("unicode-escape").decode("ascii") for c in cut)


def compose(notice: Notice, settings: NotifySettings) -> EmailMessage:
    """Return the mail to the owner; it is to be sent with an empty envelope sender."""
    from email.message import EmailMessage  # noqa: PLC0415 - 15 ms, and most runs send none
    from email.policy import SMTP  # noqa: PLC0415 - likewise
    from email.utils import format_datetime  # noqa: PLC0415 - likewise

    body = _body(notice, settings.rows)
    domain = settings.mail_from.rpartition("@")[2]
    digest = sha256(f"{notice.started.isoformat()}\0{body}".encode()).hexdigest()[:32]
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = ", ".join(settings.mail_to)
    message["Subject"] = f"dsnparse: {_subject(notice)}"
    message["Date"] = format_datetime(notice.started)
    message["Message-ID"] = f"<dsnparse.{digest}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: no answering machine answers it
    message["Precedence"] = "bulk"  # for those that came before RFC 3834
    message["X-Auto-Response-Suppress"] = "All"  # for Exchange: MS-OXCMAIL section 2.1.3.2.20
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    return message


def payload(notice: Notice, rows: int) -> dict[str, Any]:
    """Return the same for a webhook, as data for JSON; `rows` bounds each list, and `totals` counts all.

    Its keys `schema`, `id` and `event` are those of the webhook that is told of decisions.
    """
    data: dict[str, Any] = {
        "schema": 1,
        "event": "notice",
        "started": notice.started.isoformat(),
        "live": notice.live,
        "counts": {neutral(name): number for name, number in notice.counts.items()},
        "totals": {name: len(getattr(notice, name)) for name in _PARTS},
        "done": [_row(decision) for decision in notice.done[:rows]],
        "held": [_row(decision) for decision in notice.held[:rows]],
        "not_understood": [{"source": neutral(path), "note": neutral(n)} for path, n in notice.not_understood[:rows]],
        "storms": [neutral(line) for line in notice.storms[:rows]],
        "failures": [neutral(line) for line in notice.failures[:rows]],
    }
    return {"id": sha256(repr(data).encode()).hexdigest()[:32], **data}


_PARTS: Final = ("done", "held", "not_understood", "storms", "failures")


def _row(decision: Decision) -> dict[str, str | None]:
    return {
        "id": decision.id,
        "address": neutral(decision.address),
        "list": neutral(decision.list),
        "wanted": decision.wanted.value,
        "held": decision.held.value if decision.held else None,
        "why": neutral(decision.why),
        "reason": decision.event.reason.value if decision.event.reason else None,
        "until": decision.until.isoformat() if decision.until else None,
        "ripe_at": decision.ripe_at.isoformat() if decision.ripe_at else None,
    }


def _subject(notice: Notice) -> str:
    """Return the figures that matter, numbers and our own words only."""
    parts = (
        (len(notice.failures), "failed"),
        (len(notice.storms), "bad day" if len(notice.storms) == 1 else "bad days"),
        (len(notice.done), "done"),
        (len(notice.held), "held"),
        (len(notice.not_understood), "not understood"),
    )
    told = ", ".join(f"{number} {word}" for number, word in parts if number)
    return f"{told or 'nothing to tell'}{'' if notice.live else ' (dry run)'}"


def _body(notice: Notice, rows: int) -> str:
    sources = (f"{path}: {note}" for path, note in notice.not_understood)
    parts = (
        _part("Could not be done", len(notice.failures), notice.failures, rows),
        _part("Providers that have a bad day: nobody there is acted on", len(notice.storms), notice.storms, rows),
        _part("Done" if notice.live else "Would be done", len(notice.done), map(_decision, notice.done), rows),
        _part("Held for you: dsnparse holds list", len(notice.held), map(_decision, notice.held), rows),
        _part("Not understood, left where it lies", len(notice.not_understood), sources, rows),
        "".join(f"{neutral(name):<22}{number}\n" for name, number in notice.counts.items()),
    )
    head = f"The run of dsnparse that began at {notice.started:%Y-%m-%d %H:%M %z}:\n"
    foot = "What is known of an address: dsnparse ledger show ADDRESS\n"
    return "\n".join([head, *(part for part in parts if part), foot])


def _part(heading: str, count: int, lines: Iterable[str], rows: int) -> str:
    """Return a heading with the count, the first lines, and how many more there are."""
    if not count:
        return ""
    shown = [f"  {neutral(line)}\n" for line in islice(lines, rows)]
    more = [f"  and {count - len(shown)} more\n"] if count > len(shown) else []
    return "".join([f"{heading} ({count})\n", *shown, *more])


def _decision(decision: Decision) -> str:
    """Return one line: who, what, where, why."""
    where = f" on {decision.list}" if decision.list else ""
    until = f" until {decision.until:%Y-%m-%d}" if decision.until else ""
    return f"{decision.address}: {decision.wanted}{until}{where}: {decision.why}"

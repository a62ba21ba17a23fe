"""The table [notify]: who is told of what a run did, and how (docs/config.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dsnparse.adapters.address import checked
from dsnparse.text.addresses import is_daemon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsnparse.adapters.site import Site
    from dsnparse.settings import Table

__all__ = ["NotifySettings", "Way", "Webhook", "is_bounce_address"]

_SENDMAIL: Final = "/usr/sbin/sendmail"  # where Postfix, Exim and Sendmail all put it
_PORT: Final = 25
_PORTS: Final = 65_535
_ROWS: Final = 20
_LEAST_SECRET: Final = 16  # characters; fewer can be guessed from one signed call

# Where list managers let bounces come to: Mailman and mlmmj "-bounces", ezmlm "-return-", Sympa "bounce+", and return
# paths that carry a recipient (VERP) as "=".  Mailman's plain "-owner" reaches people.
_BOUNCES: Final = re.compile(
    r"(?:.*[-+_.])?bounces?(?:[-+_.=].*)?|.*-return-.*|.*-owner[-+].*|.*[-+].*=.*", re.IGNORECASE
)
_PLACE: Final = re.compile(r"\\\{(?:list|token)\\\}")  # in a pattern
_POSTMASTER: Final = "postmaster"  # is read by a person (RFC 5321 section 4.5.1), unlike the other daemons


def is_bounce_address(address: str, return_paths: Sequence[str] = ()) -> bool:
    """Tell whether an address is one that bounces come back to, or a mail system's own: a notice there would loop.

    return_paths: our own, with {list} and {token} in them.
    """
    local, _, domain = address.lower().rpartition("@")
    if _BOUNCES.fullmatch(local) or (is_daemon(address) and local != _POSTMASTER):
        return True
    for form in return_paths:
        head, _, home = form.lower().rpartition("@")
        # The token may be missing: a server that cuts extensions off delivers to what stands before it.
        before = head.partition("{token}")[0].rstrip("+-._=")
        forms = (head, before) if before != "{list}" else (head,)
        if home == domain and any(re.fullmatch(_PLACE.sub(".*", re.escape(each)), local) for each in forms):
            return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a mail is handed over: to a program, or by SMTP to a host that takes it without a login."""

    sendmail: str | None = _SENDMAIL  # None: by SMTP
    host: str = "localhost"
    port: int = _PORT
    tls: str = "no"  # no, starttls, tls (from the first octet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where a notice is posted as JSON, and the secret that signs it."""

    site: Site
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Who is told and how; the default tells nobody."""

    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    way: Way = field(default_factory=Way)
    webhook: Webhook | None = None
    always: bool = False  # tell of runs with nothing to tell, too
    rows: int = _ROWS  # addresses or mails that are named in each part; the others are counted

    @classmethod
    def from_table(cls, table: Table, return_paths: Sequence[str] = ()) -> NotifySettings:
        """Take the table [notify]; raises ConfigError, which names the key.

        return_paths: those of the table [trust], to which no notice may go.
        """
        mail_to = tuple(_address(table, "mail_to", text, return_paths) for text in table.texts("mail_to"))
        mail_from = table.text("mail_from", None if mail_to else "")
        settings = cls(
            mail_to=mail_to,
            mail_from=_address(table, "mail_from", mail_from, return_paths) if mail_from else "",
            way=_way(table),
            webhook=_webhook(table),
            always=table.flag("always", default=False),
            rows=table.integer("rows", _ROWS),
        )
        table.done()
        return settings


def _address(table: Table, key: str, text: str, return_paths: Sequence[str]) -> str:
    address = checked(text)
    if address is None or not address.isascii():
        raise table.bad(key, f"{text!r} is no plain address (a domain in other letters is written as xn--...)")
    if is_bounce_address(address, return_paths):
        raise table.bad(key, f"{address} is an address that bounces come to, or a mail system's own")
    return address


def _way(table: Table) -> Way:
    how = table.choice("how", ("sendmail", "smtp"), "sendmail")
    sendmail = table.path("sendmail", _SENDMAIL)
    host = table.text("smtp_host", "localhost")
    port = table.integer("smtp_port", _PORT, least=1)
    tls = table.choice("smtp_tls", ("no", "starttls", "tls"), "no")
    if port > _PORTS:
        error = table.bad("smtp_port", f"must be at most {_PORTS}")
        raise error
    if not re.fullmatch(r"[0-9A-Za-z.:_-]{1,255}", host):
        error = table.bad("smtp_host", "must be the name or address of a host")
        raise error
    return Way(sendmail=sendmail if how == "sendmail" else None, host=host, port=port, tls=tls)


def _webhook(table: Table) -> Webhook | None:
    if not table.has("webhook"):
        return None
    from dsnparse.adapters.site import site  # noqa: PLC0415 - loads TLS, and only for those who have a webhook

    inner = table.table("webhook")
    to = site(inner)
    secret = inner.secret("secret")
    if secret is None or len(secret) < _LEAST_SECRET:
        error = inner.bad("secret_file", f"or secret_env must name a secret of at least {_LEAST_SECRET} characters")
        raise error
    inner.done()
    return Webhook(site=to, secret=secret)

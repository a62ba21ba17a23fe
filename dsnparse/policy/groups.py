"""Who has a bad day: the domain of an address, or the organisation whose server refused it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.text.addresses import domain_of

if TYPE_CHECKING:
    from dsnparse.model import Event

__all__ = ["domain_of", "groups_of", "organisation"]

_LONGEST: Final = 255  # RFC 1035 section 2.3.4
_HOST: Final = re.compile(r"[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63}){1,126}")
_COUNTRY: Final = 2  # letters
_SECOND: Final = frozenset(
    "ac ad asso biz co com ed edu firm gen go gob gob gouv gov gv ind info mil ne net nom or org plc sch web".split()  # noqa: SIM905 - read as words
)


def organisation(host: str | None) -> str | None:
    """Return who runs a mail server: `google.com` for `gmail-smtp-in.l.google.com`; None where no name says it.

    A rule of thumb, not the Public Suffix List, which changes weekly and would have to be shipped: the last two
    labels, or three where a usual second-level word stands under a country code, as in `co.uk`.  Too wide a group
    (`pvt.k12.ma.us`) makes a storm of several small ones and holds more than it need; too narrow a one is still seen by
    the domains of the addresses.  IP literals and bare names belong to nobody.
    """
    if host is None:
        return None
    name = host.strip().strip("[]").rstrip(".").lower()
    if len(name) > _LONGEST or _HOST.fullmatch(name) is None:
        return None
    labels = name.split(".")
    if labels[-1].isdigit():  # 192.0.2.1
        return None
    short = len(labels[-1]) == _COUNTRY and labels[-2] in _SECOND
    return ".".join(labels[-3 if short else -2 :])


def groups_of(event: Event) -> tuple[str, ...]:
    """Return the groups that a failure belongs to, as a `Tally` and a `Storm` name them."""
    refused_by = organisation(event.remote_mta)
    domain = f"domain:{domain_of(event.address)}"
    return (domain,) if refused_by is None else (domain, f"organisation:{refused_by}")

"""Signed return paths (VERP): the token that tells to whom a mail was sent, made and verified.

A token is base32 (RFC 4648 section 6) in lower case without padding, because local parts get lower-cased on the way.
Its octets: layout version 1, key id, day since 1970-01-01 (2), the subscriber's key (1 to 24), the first 8 octets of an
HMAC-SHA-256 over all of that, the list and the domain.  With the default key these are 20 octets: 32 letters.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dsnparse.errors import DsnparseError
from dsnparse.text.addresses import is_address
from dsnparse.trust.keys import MAX_SUBSCRIBER_KEY, subscriber_key
from dsnparse.trust.template import LIST_NAME, Template, compiled

if TYPE_CHECKING:
    from datetime import datetime

    from dsnparse.trust.keys import Key
    from dsnparse.trust.settings import TrustSettings

__all__ = ["Checked", "Problem", "Token", "TokenError", "check", "return_path", "verify"]

_VERSION: Final = 1
_HEAD: Final = 4  # octets before the subscriber's key
_SIGNATURE: Final = 8
_LABEL: Final = b"dsnparse token 1\0"
_MAX_LOCAL: Final = 64  # octets, RFC 5321 section 4.5.3.1.1; MTAs refuse more
_MAX_RECIPIENT: Final = 400  # what is longer is none of ours, and is not looked at
_SKEW: Final = 1  # days that the sending machine's clock may be ahead of ours
_EPOCH: Final = date(1970, 1, 1)
_LAST_DAY: Final = 0xFFFF  # in the year 2149
_SECONDS: Final = 86400


class TokenError(DsnparseError, ValueError):
    """A return path cannot be made; the message says why."""


class Problem(StrEnum):
    """Why a recipient is no valid return path of ours."""

    NOT_OURS = "not ours"  # another address
    NO_KEYS = "no keys"  # nothing is set up
    MALFORMED = "malformed"  # our form, but no token: cut short, or of another layout
    UNKNOWN_KEY = "unknown key"  # signed by a key that is not, or no more, in the ring
    BAD_SIGNATURE = "bad signature"  # forged, damaged, or made for another list or domain
    EXPIRED = "expired"
    FUTURE = "from the future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a valid return path says."""

    key: bytes  # the subscriber's
    list: str  # in lower case, empty where the form has none
    day: date  # it was made on, in UTC
    key_id: int  # of the secret
    id: str  # stands for the mails that went out with it: one list, one subscriber, one day


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A token, or why there is none."""

    token: Token | None = None
    problem: Problem | None = None
    detail: str = ""  # for a person; bears nothing from the recipient itself


def return_path(
    address: str,
    *,
    settings: TrustSettings,
    now: datetime,
    list: str | None = None,  # noqa: A002 - the word for it everywhere in dsnparse
    key: bytes | None = None,
) -> str:
    """Return the envelope sender for a mail to this address.

    list: the list's name, for a form with `{list}`; None takes a form without.
    key: 1 to 24 octets of your own that stand for the subscriber, such as a number in your database.  A report is then
        strong only where `dsnparse sent import` was told of them; the default key needs no such import.
    now: with its zone.

    Raises TokenError for a text that is no address, where no form fits, and for a local part over 64 octets.
    """
    signing = settings.keys.signing
    if signing is None:
        problem = "no key is set up to sign return paths"
        raise TokenError(problem)
    if not is_address(address):
        problem = f"{address!r} is no address"
        raise TokenError(problem)
    if key is not None and not 1 <= len(key) <= MAX_SUBSCRIBER_KEY:
        problem = f"a subscriber's key has 1 to {MAX_SUBSCRIBER_KEY} octets, not {len(key)}"
        raise TokenError(problem)
    name = (list or "").lower()
    template = _template(name, settings)
    day = int(now.timestamp() // _SECONDS)
    if not 0 <= day <= _LAST_DAY:
        problem = f"the clock is wrong: {now.isoformat()}"
        raise TokenError(problem)
    data = bytes((_VERSION, signing.id)) + day.to_bytes(2, "big")
    data += subscriber_key(address, signing) if key is None else key
    token = base64.b32encode(data + _signature(signing, data, name, template.domain)).decode("ascii")
    local = template.local.replace("{list}", name).replace("{token}", token.rstrip("=").lower())
    if len(local) > _MAX_LOCAL:
        problem = (
            f"the local part of the return path has {len(local)} octets, {_MAX_LOCAL} are allowed: "
            f"shorten {f'the name of the list {name!r}, ' if name else ''}the form or the key"
        )
        raise TokenError(problem)
    return f"{local}@{template.domain}"


def verify(recipient: str | None, settings: TrustSettings, now: datetime) -> Token | None:
    """Return what a return path says, None when it is not valid; `check` says why."""
    return check(recipient, settings, now).token


def check(recipient: str | None, settings: TrustSettings, now: datetime) -> Checked:
    """Look whether an envelope recipient is a return path of ours that is valid on this day.

    now: when the report came, with its zone.  Never raises, whatever `recipient` is.
    """
    if not settings.keys or not settings.return_paths:
        return Checked(problem=Problem.NO_KEYS, detail="no key and return path are set up")
    first: Checked | None = None
    text = _plain(recipient)
    local, _, domain = text.rpartition("@")
    for form in settings.return_paths:
        template = compiled(form)
        found = template.pattern.fullmatch(local) if domain == template.domain else None
        if found is None:
            continue
        name = found["list"] if template.has_list else ""
        checked = _checked(found["token"], name, template, settings, now)
        if checked.token is not None:
            return checked
        first = first or checked
    return first or Checked(problem=Problem.NOT_OURS, detail="has not the form of a return path of ours")


def _plain(recipient: str | None) -> str:
    """Return a recipient as it is compared: only ASCII may match: a long s (U+017F) is s in another case."""
    text = (recipient or "")[: _MAX_RECIPIENT + 1].strip()
    if len(text) > _MAX_RECIPIENT or not text.isascii():
        return ""
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    return text.lower().rstrip(".")


def _template(name: str, settings: TrustSettings) -> Template:
    """Return the first form that fits."""
    if name and (not LIST_NAME.fullmatch(name) or ".." in name):
        problem = f"{name!r} cannot stand in a local part as a list's name: letters, digits and . _ + - between them"
        raise TokenError(problem)
    for form in settings.return_paths:
        template = compiled(form)
        if template.has_list is bool(name):
            return template
    problem = (
        f"no return path has {{list}}, and a list is given: {name!r}"
        if name
        else "every return path has {list}, and no list is given"
    )
    raise TokenError(problem)


def _signature(key: Key, data: bytes, name: str, domain: str) -> bytes:
    """Sign everything, so that a token of one list or domain is none on another; its length keeps the parts apart."""
    signed = _LABEL + len(data).to_bytes(1, "big") + data + name.encode("ascii") + b"\0" + domain.encode("ascii")
    return key.sign(signed)[:_SIGNATURE]


def _checked(text: str, name: str, template: Template, settings: TrustSettings, now: datetime) -> Checked:
    try:
        octets = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return Checked(problem=Problem.MALFORMED, detail="the token was cut short or damaged")
    # One token has one spelling: bits left over at the end are zero.
    same = base64.b32encode(octets).decode("ascii").rstrip("=").lower() == text
    data, signature = octets[:-_SIGNATURE], octets[-_SIGNATURE:]
    if not same or not _HEAD < len(data) <= _HEAD + MAX_SUBSCRIBER_KEY or data[0] != _VERSION:
        return Checked(problem=Problem.MALFORMED, detail="the token was cut short or damaged, or has another layout")
    key = settings.keys.get(data[1])
    if key is None:
        return Checked(problem=Problem.UNKNOWN_KEY, detail=f"key {data[1]} is not among the keys")
    if not hmac.compare_digest(signature, _signature(key, data, name, template.domain)):
        detail = "the signature is wrong: forged, damaged, or made for another list, domain or secret"
        return Checked(problem=Problem.BAD_SIGNATURE, detail=detail)
    # The stand-in bears no signature: whoever reads the ledger cannot make a return path of it.
    token = Token(
        key=data[_HEAD:],
        list=name,
        day=_EPOCH + timedelta(days=int.from_bytes(data[2:4], "big")),
        key_id=data[1],
        id=f"token:{data.hex()}{name}@{template.domain}",
    )
    return _dated(token, settings, now)


def _dated(token: Token, settings: TrustSettings, now: datetime) -> Checked:
    """Judge the age of a token whose signature is right."""
    age = int(now.timestamp() // _SECONDS) - (token.day - _EPOCH).days
    if age < -_SKEW:
        detail = f"made on {token.day}, which is to come: look at the clock of the machine that sends"
        return Checked(problem=Problem.FUTURE, detail=detail)
    if age > settings.max_age.days:
        detail = f"expired: made on {token.day}, and valid for {settings.max_age.days} days"
        return Checked(problem=Problem.EXPIRED, detail=detail)
    return Checked(token=token)

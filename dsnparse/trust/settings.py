"""What an owner sets up for trust: the table [trust] of the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.errors import ConfigError
from dsnparse.trust.keys import MAX_KEY_ID, Key, Keys
from dsnparse.trust.template import compiled

if TYPE_CHECKING:
    from dsnparse.settings import Table

__all__ = ["DEFAULT_MAX_AGE", "TrustSettings"]

# Servers give up after five days as a rule (RFC 5321 section 4.5.4.1); some report weeks later all the same.
DEFAULT_MAX_AGE: Final = timedelta(days=30)
_LEAST_MAX_AGE: Final = timedelta(days=1)  # tokens bear a day, no hour
_ENVELOPE: Final = ("Delivered-To", "X-Original-To", "Envelope-To")
_HOST: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63}){0,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSettings:
    """How return paths look, who signs them, and where the envelope recipient is read.

    Without keys nothing is signed and no token is valid.  Raises ConfigError for a value that cannot be.
    """

    return_paths: tuple[str, ...] = ()  # such as "bounces+{token}@lists.example.org"
    keys: Keys = field(default_factory=Keys)
    max_age: timedelta = DEFAULT_MAX_AGE  # of a token, from the day it was made
    own_hosts: tuple[str, ...] = ()  # names of our receiving servers, as they stand behind `by` in Received
    envelope_headers: tuple[str, ...] = ("Delivered-To",)

    def __post_init__(self) -> None:
        for text in self.return_paths:
            compiled(text)
        if bool(self.return_paths) is not bool(self.keys):
            problem = "return paths need a key, and keys need a return path"
            raise ConfigError(problem)
        if self.max_age < _LEAST_MAX_AGE:
            problem = "max_age must be at least one day: a token bears the day it was made, and no hour"
            raise ConfigError(problem)

    @classmethod
    def from_table(cls, table: Table) -> TrustSettings:
        """Take the table [trust]; errors name the key path, and none bears a secret."""
        paths = _templates(table)
        keys = Keys(_keys(table))
        if bool(paths) is not bool(keys):
            key, problem = (
                ("keys", "return_path needs a key: [[trust.keys]] with id and secret_file")
                if paths
                else ("return_path", 'keys need one, such as "bounces+{token}@lists.example.org"')
            )
            raise table.bad(key, problem)
        max_age = table.duration("max_age", DEFAULT_MAX_AGE)
        if max_age < _LEAST_MAX_AGE:
            key, problem = "max_age", 'must be at least "1d": a token bears the day it was made, and no hour'
            raise table.bad(key, problem)
        hosts, headers = _hosts(table), _headers(table)
        table.done()
        return cls(return_paths=paths, keys=keys, max_age=max_age, own_hosts=hosts, envelope_headers=headers)


def _templates(table: Table) -> tuple[str, ...]:
    """Return the forms; one alone needs no brackets."""
    key = "return_path"
    if not table.has(key):
        return table.texts(key)
    try:
        paths: tuple[str, ...] = (table.text(key),)
    except ConfigError:  # no string: then a list of them, or the next error says so
        paths = table.texts(key)
    for text in paths:
        try:
            compiled(text)
        except ConfigError as error:
            raise table.bad(key, str(error)) from None
    return paths


def _keys(table: Table) -> tuple[Key, ...]:
    found: list[Key] = []
    for row in table.tables("keys"):
        number, secret, key = row.integer("id"), row.secret("secret"), "secret_file"
        if secret is None:
            problem = "is missing: name the file that holds the secret, or a variable by secret_env"
            raise row.bad(key, problem)
        row.done()
        try:
            found.append(Key(number, secret.encode("utf-8")))
            Keys(tuple(found))
        except ConfigError as error:
            key = "id" if number > MAX_KEY_ID or any(other.id == number for other in found[:-1]) else key
            raise row.bad(key, str(error)) from None
    return tuple(found)


def _hosts(table: Table) -> tuple[str, ...]:
    key = "own_hosts"
    hosts = table.texts(key)
    for host in hosts:
        if not _HOST.fullmatch(host.rstrip(".")):
            problem = f"{host!r} is no host name"
            raise table.bad(key, problem)
    return tuple(host.rstrip(".").lower() for host in hosts)


def _headers(table: Table) -> tuple[str, ...]:
    """Return which fields may bear the envelope recipient: only those that a server adds on delivery."""
    key = "envelope_headers"
    known = {name.lower(): name for name in _ENVELOPE}
    names = table.texts(key, _ENVELOPE[:1])
    for name in names:
        if name.lower() not in known:
            problem = f"{name!r} is none of {', '.join(_ENVELOPE)}: senders write all others"
            raise table.bad(key, problem)
    return tuple(known[name.lower()] for name in names)

"""The secrets that sign return paths, and the opaque keys that stand for subscribers in them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dsnparse.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_KEY_ID", "MAX_SUBSCRIBER_KEY", "Key", "Keys", "folded", "subscriber_key"]

MAX_SUBSCRIBER_KEY: Final = 24  # octets: with everything else in a token that makes 58 of a local part's 64
_LEAST_SECRET: Final = 16  # octets: 128 bits, what NIST SP 800-107 asks of an HMAC key at the least
MAX_KEY_ID: Final = 255
_SUBSCRIBER_OCTETS: Final = 8
_SUBSCRIBER_LABEL: Final = b"dsnparse subscriber 1\0"  # one secret, two uses: neither value can pass for the other


@dataclass(frozen=True, slots=True)
class Key:
    """One secret and the number by which tokens name it; the secret never shows in a repr.

    Raises ConfigError for a number outside 0 to 255 and for a secret of less than 16 octets.
    """

    id: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.id <= MAX_KEY_ID:
            problem = f"a key's id is a number from 0 to {MAX_KEY_ID}, not {self.id}"
            raise ConfigError(problem)
        if len(self.secret) < _LEAST_SECRET:
            problem = (
                f"the secret of key {self.id} has {len(self.secret)} octets, and needs {_LEAST_SECRET}; "
                "`dsnparse token new-secret` prints a good one"
            )
            raise ConfigError(problem)

    def sign(self, data: bytes) -> bytes:
        """Return the HMAC-SHA-256 of some octets, 32 octets (RFC 2104)."""
        return hmac.digest(self.secret, data, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Keys:
    """A ring of keys: the last one signs, all of them verify.  Raises ConfigError where two have the same id."""

    ring: tuple[Key, ...] = ()

    def __post_init__(self) -> None:
        if len({key.id for key in self.ring}) != len(self.ring):
            problem = "two keys have the same id; give a new secret a new id"
            raise ConfigError(problem)

    def __bool__(self) -> bool:
        return bool(self.ring)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.ring)

    @property
    def signing(self) -> Key | None:
        """The key that signs."""
        return self.ring[-1] if self.ring else None

    def get(self, key_id: int) -> Key | None:
        """Return the key of this id."""
        return next((key for key in self.ring if key.id == key_id), None)


def folded(address: str) -> str:
    """Return an address as it is compared: in lower case, an international domain in its ASCII form (RFC 5890).

    A report may name either form of the domain; letters' case never tells two subscribers apart here.
    """
    address = address.strip().lower()
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}" if len(domain) <= 255 else address  # noqa: PLR2004 - RFC 1035
    except UnicodeError:
        return address


def subscriber_key(address: str, key: Key) -> bytes:
    """Return the 8 octets that stand for an address in tokens of this key; nobody without the secret can tell whose."""
    return key.sign(_SUBSCRIBER_LABEL + folded(address).encode("utf-8", "backslashreplace"))[:_SUBSCRIBER_OCTETS]

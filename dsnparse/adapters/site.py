"""Where a web interface is and how to be let in, out of the settings."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsnparse.settings import Table

__all__ = ["Site", "basic", "site"]

_TIMEOUT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A web interface: where it is, how to be let in, how long to wait."""

    url: str  # without a slash at the end
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a secret
    timeout: float = _TIMEOUT.total_seconds()  # seconds, for connecting and for each wait for an answer
    ca_file: str | None = None  # certificates to trust, in place of the system's

    @property
    def host(self) -> str:
        """Host and port, for a person."""
        return urlsplit(self.url).netloc


def site(table: Table, *, headers: Mapping[str, str] | None = None) -> Site:
    """Take `url`, `timeout` and `ca_file` out of a table; raises ConfigError."""
    url = table.text("url").rstrip("/")
    problem = _problem(url)
    if problem:
        error = table.bad("url", problem)
        raise error
    timeout = table.duration("timeout", _TIMEOUT).total_seconds()
    if not timeout:
        error = table.bad("timeout", "must be at least 1s")
        raise error
    return Site(url=url, headers=headers or {}, timeout=timeout, ca_file=_certificates(table))


def _certificates(table: Table) -> str | None:
    if not table.has("ca_file"):
        return None
    path = table.path("ca_file")
    try:
        ssl.create_default_context(cafile=path)
    except OSError as problem:  # ssl.SSLError too: nothing in it is a certificate
        error = table.bad("ca_file", f"{path}: {problem.strerror}")
        raise error from None
    return path


def _problem(url: str) -> str:
    """Tell what is wrong with an address of the settings; the address is shown to people, so it holds no secret."""
    if not (url.isascii() and url.isprintable()) or " " in url:
        return "has letters that no URL has"
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a bad one
    except ValueError:
        return "is no URL"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "must begin with https:// or http:// and a host"
    if "@" in parts.netloc:
        return "must not hold a user or password"
    return "must not hold ? or #" if "?" in url or "#" in url else ""


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header field of basic authentication (RFC 7617)."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}

"""Which addresses may be handed to another program."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["checked"]

# The dot-string of RFC 5321 section 4.1.2 with the letters of RFC 6531, and stricter in two points on purpose.  No
# quoted strings: they may carry spaces, line ends and quotes.  No sign in front: it would be an option, a comment or a
# formula to the program that reads it.  What falls through is left to a person.
_LOCAL: Final = re.compile(r"[\w](?:[\w!#$%&'*+/=?^`{|}~.-]{0,63})")
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]{0,62})")
_LOCAL_OCTETS: Final = 64  # RFC 5321 section 4.5.3.1.1
_DOMAIN_OCTETS: Final = 255  # RFC 5321 section 4.5.3.1.2


def checked(address: str | None) -> str | None:
    """Return an address with its domain in lower case, None when it is none that is safe to act on."""
    local, at, domain = (address or "").rpartition("@")
    domain = domain.lower()
    if not at or len(local.encode("utf-8", "replace")) > _LOCAL_OCTETS or len(domain) > _DOMAIN_OCTETS:
        return None
    if not _LOCAL.fullmatch(local) or ".." in local or local.endswith("."):
        return None
    labels = domain.split(".")
    if len(labels) == 1 or labels[-1].isdigit():
        return None
    if not all(_LABEL.fullmatch(label) and not label.endswith("-") for label in labels):
        return None
    return f"{local}@{domain}"

"""Mail addresses as reports and notices print them (RFC 5321 section 4.1.2, RFC 6531)."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Final

__all__ = ["ADDRESS", "bare", "domain_of", "find_addresses", "header_addresses", "is_address", "is_daemon", "same"]

# One address in running text.  Each class is bounded and the two sides share no border letter, so a search is linear.
ADDRESS: Final = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~@-])"
    r"(?:[\w.!#$%&'*+/=?^`{|}~-]{1,128}|\"[^\"\n]{1,128}\")"
    r"@(?:[^\W_](?:[\w-]{0,62})(?:\.[\w-]{1,63}){0,10}|\[[0-9A-Za-z:.]{2,45}\])",
)

# An address with nothing around it, of the letters that most have.
_BARE: Final = re.compile(r"[A-Za-z0-9_+=-][A-Za-z0-9._+=-]*@[A-Za-z0-9.-]*[A-Za-z0-9-]")

# A field of one mailbox in one of the three forms in common use: `Name <address>`, `address`, `address (comment)`.
_PLAIN: Final = r"[^\s()<>@,:;\"\[\]\\]+@[^\s()<>@,:;\"\[\]\\]+"
_MAILBOX: Final = re.compile(
    rf"(?:\"[^\"\\\r\n]*\" *|[^()<>@,:;\"\[\]\\\r\n]*)<({_PLAIN})>|({_PLAIN})(?: \([^()\\\r\n]*\))?",
)

# A local part that needs no quotes and has them: the same mailbox (RFC 5321 section 4.1.2).
_QUOTED: Final = re.compile(r"\"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\"")

# Local parts that stand for the mail system itself, not for a person on a list.
_DAEMONS: Final = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "mailsystem", "mdaemon"})


def bare(text: str) -> str:
    """Return an address without what is put around it: angle brackets, quotes, `mailto:`, a closing dot or colon."""
    if _BARE.fullmatch(text):
        return text
    text = _unquoted(text.strip())
    if "<" in text and ">" in text.partition("<")[2]:
        text = text.partition("<")[2].partition(">")[0]
    text = text.strip("<>").strip()
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if "@" not in text:
        return text
    text = _unquoted(text.rstrip(".:;,").strip()).rstrip(".:;,").strip()
    local, _, domain = text.rpartition("@")
    return f"{local[1:-1]}@{domain}" if _QUOTED.fullmatch(local) else text


def _unquoted(text: str) -> str:
    """Take off quotes around the whole; a lone one may belong to the local part (RFC 5321 section 4.1.2)."""
    around = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if around else text


def is_address(text: str | None) -> bool:
    """Tell whether a text is one address and nothing else: no pipe, file, host or sentence."""
    return text is not None and ADDRESS.fullmatch(text) is not None


def find_addresses(text: str) -> list[str]:
    """Return the addresses in running text, in order, each as printed."""
    if "@" not in text:
        return []
    return [found.rstrip(".") for found in ADDRESS.findall(text)]


def header_addresses(value: str) -> list[str]:
    """Return the addresses of a From, To or Cc field's decoded value."""
    if one := _MAILBOX.fullmatch(value):  # what the stdlib reads letter by letter
        return [one[1] or one[2]]
    if "@" not in value:
        return []
    try:
        pairs = getaddresses([value])
    except (ValueError, RecursionError):  # cpython issue 103800: parseaddr recurses with nested comments
        return find_addresses(value)
    return [address for _, address in pairs if "@" in address] or find_addresses(value)


def domain_of(address: str) -> str:
    """Return the lower-cased domain, empty when there is none."""
    return address.rpartition("@")[2].lower().rstrip(".") if "@" in address else ""


def same(one: str | None, other: str | None) -> bool:
    """Tell whether two addresses are the same mailbox for matching: letters' case never tells people apart here."""
    if not one or not other:
        return False
    return one == other or bare(one).lower() == bare(other).lower()


def is_daemon(address: str) -> bool:
    """Tell whether an address stands for a mail system (RFC 5321 section 4.5.1 names postmaster)."""
    name = bare(address).lower()
    return name in _DAEMONS or name.rpartition("@")[0] in _DAEMONS

"""How sure it is that a report answers our own mail: signed return paths, and what the ledger knows of what was sent.

The sending side asks `return_path` for the envelope sender of each mail.  A report comes back to that address; the
reading side takes it from the header that our own server wrote (`envelope_recipient`), and weighs the report
(`assess`).

No file, clock or network: keys and times are passed in.  docs/return-path.md has the recipes.
"""

from __future__ import annotations

from dsnparse.trust.assessment import Assessment, SentRow, assess
from dsnparse.trust.envelope import envelope_recipient, received_at
from dsnparse.trust.keys import MAX_SUBSCRIBER_KEY, Key, Keys, subscriber_key
from dsnparse.trust.settings import TrustSettings
from dsnparse.trust.token import Checked, Problem, Token, TokenError, check, return_path, verify

__all__ = [
    "MAX_SUBSCRIBER_KEY",
    "Assessment",
    "Checked",
    "Key",
    "Keys",
    "Problem",
    "SentRow",
    "Token",
    "TokenError",
    "TrustSettings",
    "assess",
    "check",
    "envelope_recipient",
    "received_at",
    "return_path",
    "subscriber_key",
    "verify",
]

"""Every limit on what is read from one mail, each with its precedent.

A mail of which a part was left out is recorded with a defect and kept for a person.  MAX_HEADER_VALUE, MAX_FIELD and
MAX_TEXT_SCANNED only cut long words short: nobody is missed by that, and no defect is recorded.
"""

from __future__ import annotations

from typing import Final

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024  # Exim's message_size_limit is 50M, Gmail takes 50 MB
MAX_HEADER_BYTES: Final = 256 * 1024  # one header section; Postfix's header_size_limit is 102,400 for one field
MAX_HEADER_VALUE: Final = 16 * 1024  # characters of one field that are decoded; RFC 5322 lines are 998 at most
MAX_DEPTH: Final = 100  # nested multiparts: Postfix's mime_nesting_limit
MAX_PARTS: Final = 1_000  # leaf parts; a report has three (RFC 6522 section 3)
MAX_RECIPIENTS: Final = 1_000  # Postfix's smtpd_recipient_limit; RFC 5321 section 4.5.3.1.8 asks for 100
MAX_STATUS_BYTES: Final = 4 * 1024 * 1024  # one machine-readable part: 1,000 recipients of 4 kB each
MAX_FIELD: Final = 16 * 1024  # characters of one field of a status group
MAX_TEXT_SCANNED: Final = 128 * 1024  # characters of human text; Postfix's bounce_size_limit is 50,000

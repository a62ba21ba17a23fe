"""Mails and Maildirs for the tests of everything that acts."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CAME = int(time.time()) - 3 * 86_400  # when the first of the mails of a Maildir came
UNKNOWN = ("5.1.1", "550 5.1.1 User unknown")
FULL = ("4.2.2", "452 4.2.2 Mailbox full")
SILENT = ("5.0.0", "")  # says nothing but that it failed


def bounce(
    address: str,
    said: tuple[str, str] = UNKNOWN,
    *,
    action: str = "failed",
    message_id: str | None = "news-1@example.org",
    report: str = "1",
) -> bytes:
    """Return a report as Postfix writes it; `report` makes two reports of one failure differ."""
    status, reply = said
    diagnostic = f"Diagnostic-Code: smtp; {reply}\n" if reply else ""
    original = f"Message-ID: <{message_id}>\n" if message_id else ""
    return f"""From: MAILER-DAEMON@example.org (Mail Delivery System)
To: news@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-{report}-{address}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
{diagnostic}
--b
Content-Type: text/rfc822-headers

From: news@example.org
{original}Subject: News

--b--
""".encode()


LETTER = (
    b"From: alice@example.org\nTo: news@example.org\nSubject: Thank you\n\nThe last issue was a pleasure to read.\n"
)


def maildir(folder: Path, mails: Mapping[str, bytes]) -> Path:
    """Make a Maildir with these mails in new/, each with a time of its own."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, (name, raw) in enumerate(mails.items()):
        path = folder / "new" / name
        path.write_bytes(raw)
        os.utime(path, (CAME + number, CAME + number))
    return folder


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def complaint(address: str, sent_from: str | None = None) -> bytes:
    """Return a complaint on a mail to an address, with the return path of that mail where it is known."""
    mail_from = f"Original-Mail-From: <{sent_from}>\n" if sent_from else ""
    return f"""From: fbl@example.net
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

This is a complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: fbl/1
Version: 1
{mail_from}Original-Rcpt-To: {address}

--b--
""".encode()

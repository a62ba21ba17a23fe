"""Mails to a list's bounce address."""

from __future__ import annotations

LIST = "news.lists.example.org"
_UNKNOWN = ("5.1.1", "550 5.1.1 <{}>: Recipient address rejected: User unknown")


def dsn(
    *addresses: str,
    to: str = "news-bounces@lists.example.org",
    said: tuple[str, str] = _UNKNOWN,
    action: str = "failed",
    original: str | None = None,
    list_id: str | None = LIST,
) -> bytes:
    """Return a report as Postfix writes it, with the header of a mail of the list."""
    status, reply = said
    groups = "".join(
        f"Final-Recipient: rfc822; {one}\n"
        + (f"Original-Recipient: rfc822;{original}\n" if original else "")
        + f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {reply.format(one)}\n\n"
        for one in addresses
    )
    header = f"List-Id: News <{list_id}>\n" if list_id else ""
    return f"""From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <20260302090000.4A5B6C7D@mail.example.org>
Date: Mon,  2 Mar 2026 09:00:00 +0000 (UTC)
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

{groups}
--b
Content-Type: text/rfc822-headers

From: editor@example.org
To: news@lists.example.org
Message-ID: <issue-1@example.org>
{header}Subject: The first issue

--b--
""".encode()


def answer(to: str = "news-bounces@lists.example.org") -> bytes:
    """Return a vacation answer (RFC 3834)."""
    return f"""From: alice@example.net
To: {to}
Subject: Out of office: The first issue
Message-ID: <vacation-1@example.net>
Auto-Submitted: auto-replied (vacation)
In-Reply-To: <issue-1@example.org>

I am away until Monday.
""".encode()


AUTOREPLY = answer()
LETTER = b"From: alice@example.net\nTo: news-bounces@lists.example.org\nSubject: Thank you\n\nA pleasure to read.\n"
COMPLAINT = b"""From: fbl@example.com
To: news-bounces@lists.example.org
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: ExampleFBL/1.0
Version: 1
Original-Rcpt-To: <alice@example.net>

--b
Content-Type: text/rfc822-headers

List-Id: News <news.lists.example.org>
Subject: The first issue

--b--
"""

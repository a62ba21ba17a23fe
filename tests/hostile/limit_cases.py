"""Mails that keep to a limit, and the same one step beyond it."""

from __future__ import annotations

HEAD = b"From: MAILER-DAEMON@example.org\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\n"
REPORT = HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nwords\n"
REPORTING = b"Reporting-MTA: dns; mx.example.org\n\n"
STATUS = b"--b\nContent-Type: message/delivery-status\n\n" + REPORTING
GROUP = b"Final-Recipient: rfc822; user%d@example.net\nAction: failed\nStatus: 5.1.1\n\n"
END = b"--b--\n"
WORDS = b"\nI could not deliver your mail to:\n\n<alice@example.net>: 550 5.1.1 User unknown\n"
NESTED = b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n"


def groups(number: int) -> bytes:
    return b"".join(GROUP % n for n in range(number))


def addressees(number: int) -> bytes:
    return b", ".join(b"user%d@example.net" % n for n in range(number))


COMPLAINT = HEAD + b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: a@example.net\n"
FAILED = REPORT + STATUS + groups(1)
RETURNED = FAILED + b"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <a@example.org>\n"

# The limit and a small number for it, the code, a mail that keeps to it, the same one step beyond.
CASES: dict[str, tuple[str, int, str, bytes, bytes]] = {
    "a large mail": ("message_bytes", 500, "message_too_large", b"a" * 500, b"a" * 501),
    "a long header": ("header_bytes", 200, "header_too_long", b"A: 1\n" * 40 + b"\na", b"A: 1\n" * 41 + b"\na"),
    "a long field": ("header_field", 50, "header_field_too_long", b"A: " + b"a" * 50, b"A: " + b"a" * 51),
    "multiparts in each other": (
        *("depth", 3, "nested_too_deep"),
        b"".join(NESTED % (n, n) for n in range(3)) + b"\nwords",
        b"".join(NESTED % (n, n) for n in range(4)) + b"\nwords",
    ),
    "many parts": ("parts", 3, "too_many_parts", FAILED + b"--b\n\na\n" + END, FAILED + b"--b\n\na\n--b\n\na\n" + END),
    "many recipients": (
        *("recipients", 3, "too_many_recipients"),
        REPORT + STATUS + groups(3) + END,
        REPORT + STATUS + groups(4) + END,
    ),
    "many recipients in the text": (
        *("recipients", 3, "too_many_recipients"),
        HEAD + WORDS + b"<b@example.net>: 550 no\n\n<c@example.net>: 550 no\n",
        HEAD + WORDS + b"<b@example.net>: 550 no\n\n<c@example.net>: 550 no\n\n<d@example.net>: 550 no\n",
    ),
    "many complaining recipients": (
        *("recipients", 2, "too_many_recipients"),
        COMPLAINT + b"Original-Rcpt-To: b@example.net\n",
        COMPLAINT + b"Original-Rcpt-To: b@example.net\nOriginal-Rcpt-To: c@example.net\n",
    ),
    "recipients in a header field that is cut": (
        *("header_field", 100, "too_many_recipients"),
        HEAD + b"X-Failed-Recipients: " + addressees(4) + b"\n" + WORDS,
        HEAD + b"X-Failed-Recipients: " + addressees(9) + b"\n" + WORDS,
    ),
    "a long status part": (
        *("status_bytes", 200, "status_part_too_long"),
        REPORT + STATUS + groups(1).ljust(200 - len(REPORTING), b"a") + b"\n" + END,
        REPORT + STATUS + groups(1).ljust(201 - len(REPORTING), b"a") + b"\n" + END,
    ),
    "a long status field": (
        *("status_field", 60, "status_field_too_long"),
        REPORT + STATUS + GROUP.strip() % 1 + b"\nDiagnostic-Code: " + b"a" * 60 + b"\n" + END,
        REPORT + STATUS + GROUP.strip() % 1 + b"\nDiagnostic-Code: " + b"a" * 61 + b"\n" + END,
    ),
    "a long text": (
        *("text", 200, "text_too_long"),
        HEAD + WORDS + b"a" * (200 - len(WORDS) + 1),
        HEAD + WORDS + b"a" * (200 - len(WORDS) + 2),
    ),
    "many lines": ("lines", 9, "text_too_long", HEAD + WORDS + b"a\n" * 3, HEAD + WORDS + b"a\n" * 9),
    "a long line": ("line", 60, "text_too_long", HEAD + WORDS + b"a" * 60, HEAD + WORDS + b"a" * 61),
    "a long returned header": (
        *("header_bytes", 300, "returned_header_too_long"),
        RETURNED + b"A: 1\n" * 50 + END,
        RETURNED + b"A: 1\n" * 60 + END,
    ),
    "a long field in a returned header": (
        *("header_field", 100, "returned_header_too_long"),
        RETURNED + b"To: " + addressees(4) + b"\n" + END,
        RETURNED + b"To: " + addressees(9) + b"\n" + END,
    ),
    "many defects": (
        *("defects", 2, "too_many_defects"),
        FAILED.strip() + b"\nStatus: 5.1.1" * 1 + b"\n",
        FAILED.strip() + b"\nX: 1" * 4 + b"\n" + END,
    ),
}

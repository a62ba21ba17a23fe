"""Mails of any size that cost a careless reader much: each shape takes a size in bytes and gives a mail of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Shape = Callable[[int], bytes]

__all__ = ["SHAPES"]

NOTICE: Final = b"From: MAILER-DAEMON@example.org\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\n"
REPORT: Final = NOTICE + b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
STATUS: Final = b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
FAILED: Final = b"Final-Recipient: rfc822; alice@example.net\nAction: failed\nStatus: 5.1.1\n"
TEXT: Final = b"\nThe following message could not be delivered:\n"


def repeat(piece: bytes, size: int) -> bytes:
    """Return a piece as often as it fills the size."""
    return piece * (size // len(piece) + 1)


def field(head: bytes, piece: bytes, tail: bytes = b"") -> Shape:
    """Return a shape: one piece over and over between a head and a tail."""
    return lambda size: head + repeat(piece, size) + tail


def numbered(head: bytes, piece: bytes) -> Shape:
    """Return a shape: pieces that differ by a number."""
    return lambda size: head + b"".join(piece % number for number in range(size // len(piece) + 1))


def nested(size: int) -> bytes:
    """Return multiparts inside each other, each with a boundary of its own."""
    levels = size // 60
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=%dx\n\n--%dx\n" % (n, n) for n in range(levels))
    return NOTICE + opened + TEXT


def nested_alike(size: int) -> bytes:
    """Return multiparts inside each other that all have one boundary."""
    return NOTICE + repeat(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", size)


def prefixes(size: int) -> bytes:
    """Return boundaries that begin with each other, so that each looks like the next one's."""
    levels = min(size // 200, 60)
    opened = b"".join(
        b"--%b\nContent-Type: multipart/mixed; boundary=%b\n\n" % (b"b" * n, b"b" * (n + 1)) for n in range(1, levels)
    )
    return NOTICE + b"Content-Type: multipart/mixed; boundary=b\n\n" + opened + repeat(b"--" + b"b" * 70 + b"\n", size)


def wrapped(size: int) -> bytes:
    """Return mails in mails in mails, as attachments."""
    return NOTICE + repeat(b"Content-Type: message/rfc822\n\n", size) + FAILED


def recipients(size: int) -> bytes:
    """Return a report on as many recipients as fit."""
    group = b"\nFinal-Recipient: rfc822; user%07d@example.net\nAction: failed\nStatus: 5.1.1\n"
    return REPORT + STATUS + b"".join(group % number for number in range(size // len(group))) + b"\n--b--\n"


def base64_text(size: int) -> bytes:
    """Return a notice in base64, in one line."""
    return NOTICE + b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(repeat(TEXT, size * 3 // 4))


def charset(name: bytes, piece: bytes) -> Shape:
    """Return a text in a charset."""
    return field(NOTICE + b"Content-Type: text/plain; charset=" + name + b"\n" + TEXT, piece)


_HEADERS: Final = {
    "a header field": (NOTICE + b"X-Long: ", b"a", b"\n" + TEXT),
    "a folded header field": (NOTICE + b"To: ", b"a@example.org,\n ", b"\n" + TEXT),
    "header fields": (NOTICE, b"X-Many: 1\n", TEXT),
    "Subject fields": (NOTICE, b"Subject: 1\n", TEXT),
    "encoded words": (NOTICE + b"Subject: ", b"=?utf-8?q?a?= ", b"\n" + TEXT),
    "encoded words that never end": (NOTICE + b"Subject: ", b"=?utf-8?q?", b"\n" + TEXT),
    "encoded words in base64": (NOTICE + b"Subject: ", b"=?utf-8?b?aaaa?=\n ", b"\n" + TEXT),
    "encoded words in unknown charsets": (NOTICE + b"Subject: ", b"=?x-%00?b?aaaa?= ", b"\n" + TEXT),
    "one long encoded word": (NOTICE + b"Subject: =?utf-8?q?", b"=E2=80=AE", b"?=\n" + TEXT),
    "comments in From": (b"From: ", b"(", b"\n" + TEXT),
    "quotes in From": (b"From: ", b'"', b"\n" + TEXT),
    "brackets in From": (b"From: ", b"<", b"\n" + TEXT),
    "routes in From": (b"From: <", b"@a,", b"\n" + TEXT),
    "groups in From": (b"From: ", b"a:;", b"\n" + TEXT),
    "at signs in From": (b"From: ", b"@", b"\n" + TEXT),
    "backslashes in From": (b'From: "', b"\\", b"\n" + TEXT),
    "dots in From": (b"From: ", b"a.", b"\n" + TEXT),
    "spaces in From": (b"From: a", b" ", b"b\n" + TEXT),
    "addresses in From": (b"From: ", b"alice@example.org, ", b"\n" + TEXT),
    "an address in many brackets": (NOTICE + b"Sender: " + b"<" * 1000, b"a@b>", b"\n" + TEXT),
    "X-Failed-Recipients": (NOTICE + b"X-Failed-Recipients: ", b"a@example.org,\n ", b"\n" + TEXT),
    "X-Failed-Recipients fields": (NOTICE, b"X-Failed-Recipients: a@example.org\n", TEXT),
    "parameters of Content-Type": (NOTICE + b"Content-Type: text/plain", b"; a=b", b"\n" + TEXT),
    "quotes in Content-Type": (NOTICE + b"Content-Type: text/plain", b';a="\\"', b"\n" + TEXT),
    "an open quote in Content-Type": (NOTICE + b'Content-Type: text/plain; a="', b"\\a", b"\n" + TEXT),
    "blanks in Content-Type": (NOTICE + b"Content-Type: text", b" \t", b"/plain\n" + TEXT),
    "semicolons in Content-Type": (NOTICE + b"Content-Type: text/plain", b"; ", b"\n" + TEXT),
    "a long boundary": (NOTICE + b"Content-Type: multipart/report; boundary=", b"b", b"\n\n--b\n" + TEXT),
    "a Date of digits": (NOTICE + b"Date: ", b"9", b"\n" + TEXT),
    "a Message-ID of brackets": (NOTICE + b"Message-ID: ", b"<", b"\n" + TEXT),
    "a Return-Path of blanks": (b"Return-Path: ", b" ", b"<>\n" + TEXT),
    "colons": (b"", b":", b""),
    "From lines": (b"", b"From a\n", b""),
    "no line at all": (b"", b"a", b""),
    "line feeds": (b"", b"\n", b""),
    "carriage returns": (b"", b"\r", b""),
    "carriage returns and line feeds": (b"", b"\r\r\n", b""),
    "NULs": (b"", b"\x00", b""),
    "bytes over 127": (NOTICE + b"\n", b"\xff", b""),
}

_STATUS: Final = {
    "a long field": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; 550 ", b"a", b"\n\n--b--\n"),
    "a field of many lines": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; 550 no", b"\n a", b"\n\n--b--\n"),
    "a multi-line reply": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; ", b"550-5.1.1 no\n ", b"\n--b--\n"),
    "codes in a diagnostic": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; ", b"5.1.1 550 ", b"\n--b--\n"),
    "slashes in a diagnostic": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; ", b"http://", b"\n--b--\n"),
    "at signs in a diagnostic": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; ", b"a@a.", b"\n--b--\n"),
    "dots in a diagnostic": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; 550 ", b"a.", b"\n--b--\n"),
    "phrases in a diagnostic": (REPORT + STATUS + FAILED + b"Diagnostic-Code: smtp; ", b"user unknown ", b"\n--b--\n"),
    "equal fields": (REPORT + STATUS, b"Status: 5.1.1\n", b"\n--b--\n"),
    "equal fields of one group": (REPORT + STATUS + FAILED, b"X-A: 1\n", b"\n--b--\n"),
    "final recipients without a blank line": (REPORT + STATUS, b"Final-Recipient: rfc822; a@example.org\n", b""),
    "original and final recipients": (REPORT + STATUS, b"Original-Recipient: a\nFinal-Recipient: b\n", b""),
    "stray lines": (REPORT + STATUS + FAILED, b"stray\n", b"\n--b--\n"),
    "blank lines": (REPORT + STATUS + FAILED, b"\n \n", b"\n--b--\n"),
    "xtext": (REPORT + STATUS + b"Final-Recipient: rfc822; ", b"+2B", b"@example.org\n"),
    "escapes of utf-8 addresses": (REPORT + STATUS + b"Final-Recipient: utf-8; ", b"\\x{10FFFF}", b"@example.org\n"),
    "brackets of an address": (REPORT + STATUS + b"Final-Recipient: rfc822; ", b"<", b"a@example.org>\n"),
    "status parts": (REPORT, b"--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: x;a\n\n", b""),
    "status parts in base64": (
        REPORT + b"--b\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n",
        b"RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAZXhhbXBsZS5vcmcK\n",
        b"",
    ),
    "recipients of a complaint": (
        NOTICE + b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n",
        b"Original-Rcpt-To: a@example.org\n",
        b"",
    ),
    "fields of a receipt": (NOTICE + b"Content-Type: message/disposition-notification\n\n", b"A: 1\n", b""),
    "a returned header": (REPORT + STATUS + FAILED + b"\n--b\nContent-Type: text/rfc822-headers\n\n", b"A: 1\n", b""),
    "Received of a returned mail": (
        NOTICE + TEXT + b"\n------ This is a copy of the message, including all the headers. ------\n\n",
        b"Received: from a by b for <c@example.org>\n",
        b"",
    ),
}

_PARTS: Final = {
    "parts": (REPORT, b"--b\n\na\n", b""),
    "empty parts": (REPORT, b"--b\n", b""),
    "closing boundaries": (REPORT, b"--b--\n", b""),
    "boundaries with blanks": (REPORT, b"--b" + b" " * 900 + b"x\n", b""),
    "almost boundaries": (REPORT, b"--ba\n", b""),
    "lines of dashes": (REPORT, b"--\n", b""),
    "guessed boundaries": (NOTICE + b"Content-Type: multipart/report\n\n", b"\n--x", b""),
    "multiparts without boundary": (REPORT, b"--b\nContent-Type: multipart/mixed\n\n--x\n", b""),
    "mails as parts": (REPORT, b"--b\nContent-Type: message/rfc822\n\nSubject: a\n\n", b""),
    "a digest": (NOTICE + b"Content-Type: multipart/digest; boundary=b\n\n", b"--b\n\nSubject: a\n\n", b""),
}

_TEXTS: Final = {
    "a long line": (NOTICE + TEXT, b"a", b""),
    "a long line of blanks": (NOTICE + TEXT + b"a", b" ", b"b"),
    "addresses": (NOTICE + TEXT, b"<alice@example.org>: 550 5.1.1 unknown\n\n", b""),
    "addresses in a line": (NOTICE + TEXT, b"alice@example.org ", b""),
    "a transcript": (NOTICE + TEXT, b">>> RCPT TO:<a@example.org>\n<<< 550 no\n", b""),
    "open tags": (NOTICE + b"Content-Type: text/html\n" + TEXT, b"<a ", b""),
    "open comments": (NOTICE + b"Content-Type: text/html\n" + TEXT, b"<!--", b""),
    "open scripts": (NOTICE + b"Content-Type: text/html\n" + TEXT, b"<script>", b""),
    "angle brackets": (NOTICE + b"Content-Type: text/html\n" + TEXT, b"<", b""),
    "character references": (NOTICE + b"Content-Type: text/html\n" + TEXT, b"&#9", b""),
    "one character reference": (NOTICE + b"Content-Type: text/html\n" + TEXT + b"&#", b"9", b";"),
    "JSON arrays": (NOTICE + TEXT + b"amazon simple notification service\n", b"[", b""),
    "JSON objects": (NOTICE + TEXT, b'{"Message":', b""),
    "quoted-printable": (NOTICE + b"Content-Transfer-Encoding: quoted-printable\n" + TEXT, b"=\n", b""),
    "quoted-printable without digits": (NOTICE + b"Content-Transfer-Encoding: quoted-printable\n" + TEXT, b"=", b""),
    "base64 of one letter": (NOTICE + b"Content-Transfer-Encoding: base64\n" + TEXT, b"A=", b""),
    "uuencode": (NOTICE + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n", b"M", b""),
}

_CHARSETS: Final = {
    b"utf-7": b"+AAAA",
    b"utf-16": b"\xd8\x00",
    b"idna": b"xn--",
    b"punycode": b"a-9",
    b"unicode_escape": b"\\N{",
    b"iso-2022-jp": b"\x1b$B\x1b(B",
    b"iso-2022-kr": b"\x0e\x0f",
    b"hz": b"~{~}",
    b"gb18030": b"\x81\x30",
    b"zip": b"PK",
    b"x-unknown": b"\xe2\x80\xae",
}

SHAPES: Final[dict[str, Shape]] = {
    **{f"header: {name}": field(*parts) for name, parts in _HEADERS.items()},
    **{f"status: {name}": field(*parts) for name, parts in _STATUS.items()},
    **{f"parts: {name}": field(*parts) for name, parts in _PARTS.items()},
    **{f"text: {name}": field(*parts) for name, parts in _TEXTS.items()},
    **{f"charset: {name.decode()}": charset(name, piece) for name, piece in _CHARSETS.items()},
    "header: fields of different names": numbered(NOTICE, b"X-%07d: 1\n"),
    "status: fields of different names": numbered(REPORT + STATUS + FAILED, b"X-%07d: 1\n"),
    "status: recipients": recipients,
    "status: recipients of a complaint, each another": numbered(
        NOTICE + b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n",
        b"Original-Rcpt-To: a%07d@example.org\n",
    ),
    "parts: nested": nested,
    "parts: nested with one boundary": nested_alike,
    "parts: boundaries that begin with each other": prefixes,
    "parts: wrapped": wrapped,
    "text: addresses, each another": numbered(NOTICE + TEXT, b"<a%07d@example.org>: 550 5.1.1 unknown\n\n"),
    "text: addresses of X-Failed-Recipients": numbered(
        NOTICE + b"X-Failed-Recipients: a@example.org", b",\n a%07d@example.org"
    ),
    "text: in base64": base64_text,
}

"""Mails by grammar: reports, notices, complaints, receipts, inside each other; whole before they are broken."""

from __future__ import annotations

import base64
import quopri
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["ADDRESSES", "DATES", "mails"]

ADDRESSES: Final = (
    *("alice@example.org", '"a b"@example.org', '"@"@example.org', "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "@", ""),
    *("|/bin/sh -c id@example.org", '"|id"', "/var/mail/a@example.org", "-f@example.org", "-oQ/tmp@example.org"),
    *("a@example.org\nBcc: b@example.org", "a@example.org\r\n.\r\n", "a\x00@example.org", "a@example.org;rm -rf"),
    *(
        "\U0001f4a9@example.org",
        "a\u202e@example.org",
        "gro.elpmaxe@\u202da",
        "\u2066a@example.org",
        "a\u200b@example.org",
    ),
    *("=cmd|' /C calc'!A0@example.org", "+a@example.org", "\x1b]0;x\x07@example.org", "a@" + "b." * 300 + "org"),
    *("a" * 400 + "@example.org", "+2B+3D@example.org", "\\x{D800}@example.org", "\\x{10FFFF}\\x{110000}@example.org"),
    *("((((((((@example.org", "<<<<a@example.org>>>>", "@a,@b:c@example.org", "<@example.org:>", "a@b@c@example.org"),
)
DATES: Final = (
    *("Sun, 1 Jan 0000 00:00:00 +0000", "Sun, 99 Nov 99999 99:99:99 +9999", "1 Jan 1 00:00:00 +2400", "32 Jan 2026"),
    *("Mon, 2 Mar 2026 10:00:00 -0000", "Mon, 2 Mar 2026 10:00:60 +9959", "31 Dec 9999 23:59:59 -1200", "99999999999"),
    *(
        "2 Mar 26 10:00",
        "0 0 0 0:0:0",
        "Mon",
        "-1 Jan 2026 00:00:00",
        "1 Jan 2026 00:00:00 (((((",
        "\u0661 Jan 2026 1:1:1",
    ),
)
_CHARSETS: Final = (
    "us-ascii",
    "utf-8",
    "utf-16",
    "utf-7",
    "iso-2022-jp",
    "hz",
    "idna",
    "punycode",
    "zip",
    "x-none",
    "",
)
_CODES: Final = (
    "5.1.1",
    "5.01.1",
    "4.2.2",
    "2.0.0",
    "5.0.0",
    "9.9.9",
    "5.1",
    "550",
    "5.1.1 (no)",
    "\u0665.1.1",
    "",
    "5.999.999",
)
_REPLIES: Final = (
    "smtp; 550 5.1.1 User unknown",
    "smtp; 550-5.1.1 first\n 550 5.1.1 last",
    "smtp;452 4.2.2 The mailbox is over quota, try again in 99999999999999999999 hours",
    "x-unix; =?utf-8?B?4oCu?=",
    "smtp; 421 \x1b[2J\u202e too busy (in reply to RCPT TO command)",
    "",
)
_ACTIONS: Final = ("failed", "delayed", "delivered", "relayed", "expanded", "FAILED (user)", "gone", "")
_SUBJECTS: Final = (
    "Undelivered Mail Returned to Sender", "Out of office: Re: x", "Delivery Status Notification (Failure)", "hello",
    "=?utf-8?q?=E2=80=AE?=" * 30, "=?x?x?x?=", "=?utf-8?b?" + "A" * 50, "=?iso-2022-jp?b?GyRC?=",
)  # fmt: skip
_FROMS: Final = ("MAILER-DAEMON@example.org", "Mail Delivery System <postmaster@example.org>", "bob@example.com", "<>")
_NOTICES: Final = (
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{0}>:\n{1}\n",
    "<{0}>: host mx.example.net[192.0.2.1] said: {1} (in reply to RCPT TO command)\n",
    (
        "   ----- The following addresses had permanent fatal errors -----\n<{0}>\n\n"
        "   ----- Transcript of session follows -----\n... while talking to mx.example.net:\n"
        ">>> RCPT To:<{0}>\n<<< {1}\n550 5.1.1 <{0}>... User unknown\n"
    ),
    (
        "A message that you sent could not be delivered to one or more of its\nrecipients. "
        "This is a permanent error.\nThe following address(es) failed:\n\n  {0}\n    {1}\n"
    ),
    '{{"notificationType":"Bounce","bounce":{{"bouncedRecipients":[{{"emailAddress":"{0}","diagnosticCode":"{1}"}}]}}}}',
    "<html><body><p>could not be delivered to <b>{0}</b><script>x</script> {1}</body>",
)


def _encoded(draw: st.DrawFn, body: bytes) -> tuple[str, bytes]:
    """Return a transfer encoding with a body in it; now and then in another one than it says."""
    name = draw(st.sampled_from(("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "BASE64 ", "")))
    used = draw(st.sampled_from((name, name, name, "base64", "7bit"))).strip().lower()
    if used == "base64":
        return name, base64.encodebytes(body)
    return name, quopri.encodestring(body) if used == "quoted-printable" else body


@st.composite
def _part(draw: st.DrawFn, content_type: str, text: str) -> bytes:
    charset = draw(st.sampled_from(_CHARSETS))
    encoding, body = _encoded(draw, text.encode("utf-8", "surrogatepass"))
    head = f"Content-Type: {content_type}"
    head += f"; charset={charset}" if charset else ""
    head += f"\nContent-Transfer-Encoding: {encoding}" if encoding else ""
    return head.encode() + b"\n\n" + body


@st.composite
def _group(draw: st.DrawFn) -> str:
    def pick(table: tuple[str, ...]) -> str:
        return draw(st.sampled_from(table))

    fields = [
        f"Original-Recipient: rfc822; {pick(ADDRESSES)}",
        f"Final-Recipient: {pick(('rfc822', 'utf-8', 'x400', ''))}; {pick(ADDRESSES)}",
        f"Action: {pick(_ACTIONS)}",
        f"Status: {pick(_CODES)}",
        f"Remote-MTA: dns; {pick(('mx.example.net', '', '[192.0.2.1]'))}",
        f"Diagnostic-Code: {pick(_REPLIES)}",
        f"Will-Retry-Until: {pick(DATES)}",
        "stray words",
    ]
    return "\n".join(draw(st.permutations(fields))[: draw(st.integers(1, 8))]) + "\n"


_MACHINES: Final = ("delivery-status", "global-delivery-status", "feedback-report", "disposition-notification")
_HEADS: Final = ("Reporting-MTA: dns; mx.example.org\n", "Feedback-Type: abuse\n", "Disposition: a;b\n", "")


@st.composite
def _machine(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(_MACHINES))
    groups = draw(st.lists(_group(), max_size=4))
    head = draw(st.sampled_from(_HEADS))
    return draw(_part(f"message/{kind}", "\n".join([head, *groups])))


@st.composite
def _text(draw: st.DrawFn) -> bytes:
    notice = draw(st.sampled_from(_NOTICES)).format(draw(st.sampled_from(ADDRESSES)), draw(st.sampled_from(_REPLIES)))
    return draw(_part(draw(st.sampled_from(("text/plain", "text/html", "text/plain; format=flowed"))), notice))


@st.composite
def _header(draw: st.DrawFn) -> bytes:
    fields = [
        f"From: {draw(st.sampled_from((*_FROMS, *ADDRESSES)))}",
        f"To: {draw(st.sampled_from(ADDRESSES))}",
        f"Subject: {draw(st.sampled_from(_SUBJECTS))}",
        f"Date: {draw(st.sampled_from(DATES))}",
        f"Message-ID: <{draw(st.sampled_from(ADDRESSES))}>",
        f"X-Failed-Recipients: {draw(st.sampled_from(ADDRESSES))}",
        f"Auto-Submitted: {draw(st.sampled_from(('auto-replied', 'auto-replied (rejected)', 'no')))}",
        "Return-Path: <>",
        f"Subject: {draw(st.sampled_from(_SUBJECTS))}\n\tfolded\n  again",
    ]
    chosen = draw(st.permutations(fields))[: draw(st.integers(0, len(fields)))]
    return "\n".join(chosen).encode("utf-8", "surrogatepass") + (b"\n" if chosen else b"")


@st.composite
def _multipart(draw: st.DrawFn, parts: SearchStrategy[bytes]) -> bytes:
    boundary = draw(st.sampled_from(("b", "bb", "=_b", "--", "b b", "\u00e9", "b" * 80)))
    kind = draw(st.sampled_from(("report; report-type=delivery-status", "report", "mixed", "alternative", "digest")))
    inner = b"".join(f"\n--{boundary}\n".encode() + part for part in draw(st.lists(parts, max_size=4)))
    end = f"\n--{boundary}--\n" if draw(st.booleans()) else ""
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n'.encode() + inner + end.encode()


def _inside(parts: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    wrapped = st.builds(lambda head, part: b"Content-Type: message/rfc822\n\n" + head + part, _header(), parts)
    return st.one_of(_multipart(parts), wrapped)


def mails() -> SearchStrategy[bytes]:
    """Return mails of any kind."""
    bodies = st.recursive(st.one_of(_machine(), _text()), _inside, max_leaves=8)
    return st.builds(bytes.__add__, _header(), bodies)

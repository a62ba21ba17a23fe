"""DragonFly Mail Agent: its bounces, which are one text; it sends no warnings and knows no DSN."""

from __future__ import annotations

from tests.mta.case import Case, Server

SEND = "timeout 4 dma -D -f '{sender}' {to}"  # -D: in the foreground; a mail that is deferred then stays in the queue
AGE = "touch -d '6 days ago' /var/spool/dma/[MQ]*; timeout 9 dma -q1"  # dma gives up by the age of the file: 5 days

SERVER = Server(
    name="dma",
    root="dma",
    packages=("dma",),
    version="dpkg-query -W -f 'dma ${Version}' dma | sed 's/-.*//'",
    files={"/etc/dma/dma.conf": "MAILNAME mail.example.org\n"},
    setup="id carol 2>/dev/null || useradd -m carol; rm -f /var/spool/dma/[MQ]*",
    tick=AGE,
    patience=90,
    cases=(
        Case(name="user-unknown", to=("nobody@example.net",), command=SEND),
        Case(name="user-unknown-plain-550", to=("plain@example.net",), command=SEND),
        Case(name="user-unknown-multi-line", to=("multi@example.net",), command=SEND),
        Case(name="unknown-bounce-reason", to=("nobody@bare.example.net",), command=SEND),
        Case(name="mailbox-disabled", to=("left@example.net",), command=SEND),
        Case(name="mailbox-moved", to=("moved@example.net",), command=SEND),
        Case(name="mailbox-full", to=("full@example.net",), command=SEND),
        Case(name="client-blocked", to=("blocked@example.net",), command=SEND),
        Case(name="relay-denied", to=("denied@example.net",), command=SEND),
        Case(name="policy-at-data", to=("policy@example.net",), command=SEND),
        Case(name="spam-after-data", to=("spam@example.net",), command=SEND),
        Case(name="dmarc-after-data", to=("dmarc@example.net",), command=SEND),
        Case(name="too-big-after-data", to=("big@example.net",), command=SEND),
        Case(name="sender-refused", to=("alice@strict.example.net",), command=SEND),
        Case(name="domain-not-found", to=("alice@gone.example.net",), command=SEND),
        Case(name="domain-without-address", to=("alice@nodata.example.net",), command=SEND),
        Case(name="expired-mx-host-not-found", to=("alice@lost.example.net",), command=SEND),
        Case(name="expired-greylisted", to=("grey@example.net",), command=SEND),
        Case(name="expired-refused", to=("alice@refused.example.net",), command=SEND),
        Case(name="expired-servfail", to=("alice@servfail.example.net",), command=SEND),
        Case(name="expired-hung-up", to=("hangup@example.net",), command=SEND),
        Case(name="expired-greeting-421", to=("alice@shy.example.net",), command=SEND),
        Case(name="expired-null-mx", to=("alice@nullmx.example.net",), command=SEND),
        Case(name="greeting-554", to=("alice@closed.example.net",), command=SEND),
        Case(name="greeting-521", to=("alice@nomail.example.net",), command=SEND),
        Case(
            name="several-recipients",
            to=("nobody@example.net", "full@example.net"),
            files=("several-recipients-1", "several-recipients-2"),
            command=SEND,
        ),
    ),
)

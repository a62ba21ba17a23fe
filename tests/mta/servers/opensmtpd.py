"""OpenSMTPD: its bounces, delay warnings and success reports."""

from __future__ import annotations

from tests.mta.case import Case, Server

CONF = """\
table aliases file:/etc/smtpd-aliases
bounce warn-interval 4s
queue ttl 20s
smtp max-message-size 400K
listen on 192.0.2.10 port 25 hostname mail.example.org
listen on socket
action "local" mbox alias <aliases>
action "relay" relay helo mail.example.org
match from any for domain { "example.org", "mail.example.org" } action "local"
match from local for local action "local"
match from any for any action "relay"
"""
ALIASES = """\
crew: carol@example.org, frank@example.org
team: carol@example.org, nobody@example.net
broken: "|/bin/false"
gone: "|exit 67"
archive: "|exit 75"
paused: error:550 5.2.1 Account suspended, ask the office
moving: error:450 4.2.1 This mailbox is being moved
"""
SETUP = """
for user in carol frank; do id $user 2>/dev/null || useradd -m $user; done
echo mail.example.org > /etc/mailname
rm -rf /var/spool/smtpd/queue/* /var/spool/smtpd/incoming/* /var/spool/smtpd/temporary/*
mkdir -p /var/lib/opensmtpd/empty /run
"""
LOCAL = "sendmail -f '{sender}' {to}"

SERVER = Server(
    name="opensmtpd",
    root="opensmtpd",
    packages=("opensmtpd",),
    version="smtpd -h 2>&1 | sed -n 's/^version: \\(OpenSMTPD\\)/\\1/p'",
    files={"/etc/smtpd.conf": CONF, "/etc/smtpd-aliases": ALIASES},
    setup=SETUP,
    start="smtpd",
    tick="smtpctl schedule all",
    stop="pkill -x smtpd || true",
    patience=90,
    cases=(
        Case(name="user-unknown", to=("nobody@example.net",)),
        Case(name="user-unknown-plain-550", to=("plain@example.net",)),
        Case(name="user-unknown-multi-line", to=("multi@example.net",)),
        Case(name="user-unknown-no-ehlo", to=("nobody@bare.example.net",)),
        Case(
            name="user-unknown-dsn",
            to=("nobody@example.net",),
            notify="FAILURE",
            envid="QQ314159",
            ret="HDRS",
            orcpt=("rfc822;Erin+2Bnews@example.com",),
        ),
        Case(name="alias-member-unknown", to=("team@example.org",)),
        Case(name="mailbox-disabled", to=("left@example.net",)),
        Case(name="mailbox-moved", to=("moved@example.net",)),
        Case(name="mailbox-full", to=("full@example.net",)),
        Case(name="client-blocked", to=("blocked@example.net",)),
        Case(name="relay-denied", to=("denied@example.net",)),
        Case(name="members-only", to=("members@example.net",)),
        Case(name="policy-at-data", to=("policy@example.net",)),
        Case(name="spam-after-data", to=("spam@example.net",)),
        Case(name="dmarc-after-data", to=("dmarc@example.net",)),
        Case(name="too-big-after-data", to=("big@example.net",)),
        Case(name="sender-refused", to=("alice@strict.example.net",)),
        Case(
            name="greeting-554",
            to=("alice@closed.example.net",),
            files=("delayed-greeting-554", "expired-greeting-554"),
        ),
        Case(
            name="greeting-521",
            to=("alice@nomail.example.net",),
            files=("delayed-greeting-521", "expired-greeting-521"),
        ),
        Case(name="domain-not-found", to=("alice@gone.example.net",)),
        Case(
            name="domain-without-address",
            to=("alice@nodata.example.net",),
            files=("delayed-domain-without-address", "expired-domain-without-address"),
        ),
        Case(
            name="mx-host-not-found",
            to=("alice@lost.example.net",),
            files=("delayed-mx-host-not-found", "expired-mx-host-not-found"),
        ),
        Case(name="null-mx", to=("alice@nullmx.example.net",), files=("delayed-null-mx", "expired-null-mx")),
        Case(name="mx-loops-back", to=("alice@loop.example.net",)),
        Case(
            name="several-recipients",
            to=(
                "nobody@example.net",
                "alice@example.net",
                "full@example.net",
                "blocked@example.net",
                "alice@gone.example.net",
            ),
            files=("several-recipients-1", "several-recipients-2"),
        ),
        Case(name="pipe-failed", to=("broken@example.org",)),
        Case(name="pipe-no-user", to=("gone@example.org",)),
        Case(name="pipe-deferred", to=("archive@example.org",), files=("delayed-pipe", "expired-pipe")),
        Case(name="greylisted", to=("grey@example.net",), files=("delayed-greylisted", "expired-greylisted")),
        Case(name="over-quota", to=("over@example.net",), files=("delayed-over-quota", "expired-over-quota")),
        Case(name="refused", to=("alice@refused.example.net",), files=("delayed-refused", "expired-refused")),
        Case(name="servfail", to=("alice@servfail.example.net",), files=("delayed-servfail", "expired-servfail")),
        Case(name="broken-off", to=("hangup@example.net",), files=("delayed-hung-up", "expired-hung-up")),
        Case(name="shy", to=("alice@shy.example.net",), files=("delayed-greeting-421", "expired-greeting-421")),
        Case(
            name="success-relayed",
            to=("alice@example.net",),
            notify="SUCCESS,FAILURE,DELAY",
            envid="QQ314159",
            ret="HDRS",
            orcpt=("rfc822;alice@example.net",),
        ),
        Case(name="success-delivered", to=("carol@example.org",), notify="SUCCESS"),
        Case(name="success-expanded", to=("crew@example.org",), notify="SUCCESS"),
    ),
)

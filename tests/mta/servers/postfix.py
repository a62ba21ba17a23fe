"""Postfix: bounces, delay warnings and success reports of bounce(8), for smtp(8), local(8) and error(8)."""

from __future__ import annotations

from tests.mta.case import Case, Server

MAIN = """\
compatibility_level = 3.6
myhostname = mail.example.org
mydomain = example.org
myorigin = example.org
mydestination = mail.example.org, example.org, localhost
mynetworks = 127.0.0.0/8 192.0.2.0/24
inet_interfaces = 192.0.2.10
inet_protocols = ipv4
alias_maps = inline:{
 {team=carol@example.org, nobody@example.net}
 {archive="|exit 75"} {broken="|/usr/bin/false"} {gone="|exit 67"} {postmaster=postmaster@example.com}}
local_recipient_maps =
mailbox_size_limit = 300000
message_size_limit = 300000
recipient_delimiter = +
biff = no
smtputf8_enable = yes
transport_maps = inline:{
 {closed-shop.example.net=error:5.7.1 Mail to this domain is forbidden by local policy}
 {later.example.net=retry:4.3.0 Mail to this domain is held back}}
maximal_queue_lifetime = 20s
bounce_queue_lifetime = 20s
queue_run_delay = 3s
minimal_backoff_time = 3s
maximal_backoff_time = 3s
delay_warning_time = 4s
smtp_connect_timeout = 3s
smtp_helo_timeout = 3s
smtp_skip_5xx_greeting = no
smtp_host_lookup = dns
notify_classes = resource, software, 2bounce
2bounce_notice_recipient = hostmaster@example.com
maillog_file = /var/log/mail.log
"""
SETUP = """
id carol 2>/dev/null || useradd -m carol
id frank 2>/dev/null || useradd -m frank
head -c 299900 /dev/zero | tr '\\0' x > /var/mail/frank
chown frank /var/mail/frank
newaliases
postconf -F '*/*/chroot=n'
"""

SERVER = Server(
    name="postfix",
    root="postfix",
    packages=("postfix",),
    version="postconf -h mail_version | sed 's/^/Postfix /'",
    files={"/etc/postfix/main.cf": MAIN},
    setup=SETUP,
    start="postfix start",
    stop="postfix stop",
    cases=(
        Case(name="user-unknown", to=("nobody@example.net",)),
        Case(name="user-unknown-plain-550", to=("plain@example.net",)),
        Case(name="user-unknown-multi-line", to=("multi@example.net",)),
        Case(name="user-unknown-no-ehlo", to=("nobody@bare.example.net",)),
        Case(name="user-unknown-local", to=("dave@example.org",)),
        Case(name="user-unknown-dsn", to=("nobody@example.net",), notify="FAILURE", envid="QQ314159", ret="HDRS"),
        Case(
            name="user-unknown-orcpt",
            to=("nobody@example.net",),
            notify="FAILURE,DELAY",
            orcpt=("rfc822;Erin+2Bnews@example.com",),
        ),
        Case(name="alias-member-unknown", to=("team@example.org",)),
        Case(name="mailbox-disabled", to=("left@example.net",)),
        Case(name="mailbox-moved", to=("moved@example.net",)),
        Case(name="mailbox-full", to=("full@example.net",)),
        Case(name="mailbox-full-local", to=("frank@example.org",)),
        Case(name="client-blocked", to=("blocked@example.net",)),
        Case(name="relay-denied", to=("denied@example.net",)),
        Case(name="members-only", to=("members@example.net",)),
        Case(name="policy-at-data", to=("policy@example.net",)),
        Case(name="spam-after-data", to=("spam@example.net",)),
        Case(name="virus-after-data", to=("virus@example.net",)),
        Case(name="dmarc-after-data", to=("dmarc@example.net",)),
        Case(name="too-big-after-data", to=("big@example.net",)),
        Case(name="too-big-for-size", to=("alice@example.net",), size=150000, ret="HDRS"),
        Case(name="sender-refused", to=("alice@strict.example.net",)),
        Case(name="greeting-554", to=("alice@closed.example.net",)),
        Case(name="greeting-521", to=("alice@nomail.example.net",)),
        Case(name="domain-not-found", to=("alice@gone.example.net",)),
        Case(name="domain-without-address", to=("alice@nodata.example.net",)),
        Case(name="null-mx", to=("alice@nullmx.example.net",)),
        Case(name="mx-loops-back", to=("alice@loop.example.net",)),
        Case(name="error-transport", to=("alice@closed-shop.example.net",), command="sendmail -f '{sender}' {to}"),
        Case(
            name="several-recipients",
            to=(
                "nobody@example.net",
                "alice@example.net",
                "full@example.net",
                "blocked@example.net",
                "alice@gone.example.net",
                "dave@example.org",
            ),
        ),
        Case(name="pipe-failed", to=("broken@example.org",)),
        Case(name="pipe-no-user", to=("gone@example.org",)),
        Case(name="pipe-deferred", to=("archive@example.org",), files=("delayed-pipe", "expired-pipe")),
        Case(name="greylisted", to=("grey@example.net",), files=("delayed-greylisted", "expired-greylisted")),
        Case(name="over-quota", to=("over@example.net",), files=("delayed-over-quota", "expired-over-quota")),
        Case(name="refused", to=("alice@refused.example.net",), files=("delayed-refused", "expired-refused")),
        Case(name="dark", to=("alice@dark.example.net",), files=("delayed-timeout", "expired-timeout")),
        Case(name="silent", to=("alice@silent.example.net",), files=("delayed-no-greeting", "expired-no-greeting")),
        Case(name="servfail", to=("alice@servfail.example.net",), files=("delayed-servfail", "expired-servfail")),
        Case(name="mx-host-not-found", to=("alice@lost.example.net",)),
        Case(name="broken-off", to=("hangup@example.net",), files=("delayed-hung-up", "expired-hung-up")),
        Case(name="shy", to=("alice@shy.example.net",), files=("delayed-greeting-421", "expired-greeting-421")),
        Case(name="busy", to=("alice@busy.example.net",), files=("delayed-sender-451", "expired-sender-451")),
        Case(
            name="delayed-and-failed",
            to=("later@example.net", "nobody@example.net"),
            files=("mixed-failed-first", "mixed-delayed-second", "mixed-expired-third"),
        ),
        Case(
            name="held-back",
            to=("alice@later.example.net",),
            files=("delayed-retry-transport", ""),
            command="sendmail -f '{sender}' {to}",
        ),
        Case(
            name="success-relayed",
            to=("alice@example.net",),
            notify="SUCCESS,FAILURE,DELAY",
            envid="QQ314159",
            ret="HDRS",
            orcpt=("rfc822;alice@example.net",),
        ),
        Case(name="success-delivered", to=("carol@example.org",), notify="SUCCESS"),
        Case(name="success-expanded", to=("team@example.org",), notify="SUCCESS"),
        Case(
            name="success-and-failure",
            to=("alice@example.net", "nobody@example.net"),
            notify="SUCCESS,FAILURE",
            files=("success-and-failure-1", "success-and-failure-2"),
        ),
        Case(name="utf8-user-unknown", to=("jürgen.nobody@utf8.example.net",), utf8=True),
        Case(name="utf8-not-offered", to=("jürgen@example.net",), headers=("Comments: Frühlingsfest",), utf8=True),
        Case(name="utf8-domain-not-found", to=("alice@bücher.gone.example.net",), utf8=True),
        Case(
            name="double-bounce",
            to=("nobody@example.net",),
            sender="plain@example.net",
            collect="hostmaster@example.com",
        ),
        Case(
            name="too-many-hops",
            to=("alice@example.net",),
            headers=("Received: by old.example.com; Mon, 2 Mar 2026 09:00:00 +0000",) * 60,
            command="sendmail -f '{sender}' {to}",
        ),
        Case(name="probe-undeliverable", to=("nobody@example.net",), command="sendmail -bv -f '{sender}' {to}"),
        Case(name="probe-deliverable", to=("alice@example.net",), command="sendmail -bv -f '{sender}' {to}"),
        Case(name="verbose-report", to=("alice@example.net",), command="sendmail -v -f '{sender}' {to}"),
    ),
)

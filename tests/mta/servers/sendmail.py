"""Sendmail: its bounces with the session transcript, warnings, return receipts and success reports."""

from __future__ import annotations

from tests.mta.case import Case, Server

MC = """\
divert(0)dnl
VERSIONID(`run')
OSTYPE(`debian')dnl
DOMAIN(`debian-mta')dnl
define(`confDOMAIN_NAME', `mail.example.org')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confTO_QUEUEWARN', `4s')dnl
define(`confTO_QUEUEWARN_DSN', `4s')dnl
define(`confTO_QUEUERETURN', `20s')dnl
define(`confTO_QUEUERETURN_DSN', `20s')dnl
define(`confTO_CONNECT', `3s')dnl
define(`confTO_INITIAL', `3s')dnl
define(`confTO_ICONNECT', `3s')dnl
define(`confTO_COMMAND', `4s')dnl
define(`confTO_HOSTSTATUS', `1s')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confRRT_IMPLIES_DSN', `True')dnl
define(`confMAX_HOP', `25')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confCOPY_ERRORS_TO', `postmaster')dnl
define(`confSMTP_MAILER', `esmtp')dnl
define(`confMAX_MESSAGE_SIZE', `400000')dnl
define(`confBIND_OPTS', `-DNSRCH -DEFNAMES')dnl
define(`SMTP_MAILER_MAX', `200000')dnl
define(`LOCAL_MAILER_MAX', `300000')dnl
undefine(`confHOST_STATUS_DIRECTORY')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`redirect')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Port=smtp, Addr=192.0.2.10')dnl
LOCAL_CONFIG
Cwexample.org mail.example.org
MAILER(`local')dnl
MAILER(`smtp')dnl
"""
ALIASES = """\
postmaster: postmaster@example.com
crew: carol@example.org, frank@example.org
team: carol@example.org, nobody@example.net
broken: "|/bin/false"
gone: "|/etc/mail/smrsh/nouser"
archive: "|/etc/mail/smrsh/later"
forbidden: "|/bin/cat"
anna: anna.new@example.com.REDIRECT
data: "|/etc/mail/smrsh/dataerr"
full: "|/etc/mail/smrsh/cantcreat"
"""
SETUP = """
for user in carol frank; do id $user 2>/dev/null || useradd -m $user; done
mkdir -p /etc/mail/smrsh /usr/lib/sm.bin /var/run/sendmail /var/spool/mqueue
for pair in nouser:67 later:75 dataerr:65 cantcreat:73; do
  printf '#!/bin/sh\\necho "the store says no" >&2\\nexit %s\\n' ${pair#*:} > /etc/mail/smrsh/${pair%:*}
  chmod 755 /etc/mail/smrsh/${pair%:*}
done
rm -rf /var/spool/mqueue/* /var/lib/sendmail/host_status/*
m4 /usr/share/sendmail/cf/m4/cf.m4 /etc/mail/run.mc > /etc/mail/sendmail.cf
newaliases
chmod 755 /etc/mail
"""
HOPS = ("Received: by old.example.com; Mon, 16 Mar 2026 09:00:00 +0000",) * 30

SERVER = Server(
    name="sendmail",
    root="sendmail",
    packages=("sendmail-bin", "sensible-mda", "m4"),
    version="sendmail -d0.1 -bv root | sed -n 's/^Version /Sendmail /p'",
    files={
        "/etc/mail/run.mc": MC,
        "/etc/mail/aliases": ALIASES,
    },
    setup=SETUP,
    start="sendmail -bd -q3s -L sm-mta",
    stop="kill $(head -1 /var/run/sendmail/mta/sendmail.pid)",
    patience=80,
    cases=(
        Case(name="user-unknown", to=("nobody@example.net",)),
        Case(name="user-unknown-plain-550", to=("plain@example.net",)),
        Case(name="user-unknown-multi-line", to=("multi@example.net",)),
        Case(name="user-unknown-no-ehlo", to=("nobody@bare.example.net",)),
        Case(name="user-unknown-local", to=("dave@example.org",), command="sendmail -Am -f '{sender}' {to}"),
        Case(
            name="user-unknown-dsn",
            to=("nobody@example.net",),
            notify="FAILURE",
            envid="QQ314159",
            ret="HDRS",
            orcpt=("rfc822;Erin+2Bnews@example.com",),
        ),
        Case(name="alias-member-unknown", to=("team@example.org",)),
        Case(name="alias-redirect", to=("anna@example.org",), command="sendmail -Am -f '{sender}' {to}"),
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
        Case(name="too-big-for-size", to=("alice@example.net",), size=150000),
        Case(name="too-big-for-mailer", to=("carol@example.org",), size=350000, ret="HDRS"),
        Case(name="sender-refused", to=("alice@strict.example.net",)),
        Case(name="greeting-554", to=("alice@closed.example.net",)),
        Case(name="greeting-521", to=("alice@nomail.example.net",)),
        Case(name="domain-not-found", to=("alice@gone.example.net",)),
        Case(name="domain-without-address", to=("alice@nodata.example.net",)),
        Case(name="mx-host-not-found", to=("alice@lost.example.net",)),
        Case(name="null-mx", to=("alice@nullmx.example.net",)),
        Case(name="mx-loops-back", to=("alice@loop.example.net",)),
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
            command="sendmail -Am -f '{sender}' {to}",
        ),
        Case(name="pipe-failed", to=("broken@example.org",)),
        Case(name="pipe-no-user", to=("gone@example.org",)),
        Case(name="pipe-data-format-error", to=("data@example.org",)),
        Case(name="pipe-cannot-create", to=("full@example.org",)),
        Case(name="pipe-deferred", to=("archive@example.org",), files=("delayed-pipe", "expired-pipe")),
        Case(name="greylisted", to=("grey@example.net",), files=("delayed-greylisted", "expired-greylisted")),
        Case(name="over-quota", to=("over@example.net",), files=("delayed-over-quota", "expired-over-quota")),
        Case(name="refused", to=("alice@refused.example.net",), files=("delayed-refused", "expired-refused")),
        Case(name="dark", to=("alice@dark.example.net",), files=("delayed-timeout", "expired-timeout")),
        Case(name="silent", to=("alice@silent.example.net",), files=("delayed-no-greeting", "expired-no-greeting")),
        Case(name="servfail", to=("alice@servfail.example.net",), files=("delayed-servfail", "expired-servfail")),
        Case(name="broken-off", to=("hangup@example.net",), files=("delayed-hung-up", "expired-hung-up")),
        Case(name="shy", to=("alice@shy.example.net",), files=("delayed-greeting-421", "expired-greeting-421")),
        Case(name="busy", to=("alice@busy.example.net",), files=("delayed-sender-451", "expired-sender-451")),
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
        Case(
            name="return-receipt",
            to=("carol@example.org",),
            headers=("Return-Receipt-To: news+return-receipt@example.com",),
        ),
        Case(
            name="success-and-failure",
            to=("carol@example.org", "nobody@example.net"),
            notify="SUCCESS,FAILURE",
        ),
        Case(name="too-many-hops", to=("alice@example.net",), headers=HOPS),
        Case(
            name="copied", to=("nobody@example.net",), files=("copy-to-postmaster",), collect="postmaster@example.com"
        ),
    ),
)

"""Exim: its bounces (with and without a delivery-status part), warnings and success reports."""

from __future__ import annotations

from tests.mta.case import Case, Server

CONF = r"""
primary_hostname = mail.example.org
qualify_domain = example.org
domainlist local_domains = example.org : mail.example.org
local_interfaces = 192.0.2.10
disable_ipv6
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
acl_smtp_rcpt = accept
acl_smtp_data = accept
acl_smtp_mail = accept
acl_smtp_predata = accept
delay_warning = 4s:1h
delay_warning_condition = yes
ignore_bounce_errors_after = 5m
timeout_frozen_after = 5m
keep_environment =
trusted_users = root
never_users =
return_size_limit = 8K
received_headers_max = 30
log_file_path = /var/log/exim4/%slog
tls_advertise_hosts =
message_size_limit = 1M
split_spool_directory = false
queue_run_in_order = true
remote_max_parallel = 1
errors_copy = news+copied@example.com hostmaster@example.com

begin routers

blackhole_named:
  driver = redirect
  local_parts = paused
  domains = +local_domains
  allow_fail
  allow_defer
  data = :fail: Account suspended, ask the office

deferring:
  driver = redirect
  local_parts = moving
  domains = +local_domains
  allow_defer
  data = :defer: this mailbox is being moved

aliases:
  driver = redirect
  domains = +local_domains
  allow_fail
  data = ${lookup{$local_part}lsearch{/etc/exim4/aliases}}
  pipe_transport = address_pipe
  user = nobody

dnslookup:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  ignore_target_hosts = 127.0.0.0/8
  no_more

mailbox:
  driver = accept
  check_local_user
  transport = maildir

begin transports

remote_smtp:
  driver = smtp
  connect_timeout = 3s
  command_timeout = 3s
  hosts_try_prdr =
  hosts_try_chunking =

address_pipe:
  driver = pipe
  return_fail_output
  user = nobody

maildir:
  driver = appendfile
  maildir_format
  directory = $home/Maildir
  create_directory
  quota = 100K
  delivery_date_add
  envelope_to_add
  return_path_add

begin retry

* quota F,10s,2s
* * F,16s,3s
"""
ALIASES = """\
team: carol@example.org, nobody@example.net
broken: "|/bin/sh -c 'echo the printer is out of paper; exit 1'"
gone: "|/bin/sh -c 'exit 67'"
missing: "|/usr/local/bin/no-such-program"
archive: "|/bin/sh -c 'exit 75'"
killed: "|/bin/sh -c 'kill -9 $$'"
circle: other@example.org
"""
SETUP = """
id carol 2>/dev/null || useradd -m carol
id frank 2>/dev/null || useradd -m frank
mkdir -p /home/frank/Maildir/new /home/frank/Maildir/cur /home/frank/Maildir/tmp
head -c 102000 /dev/zero | tr '\\0' x > /home/frank/Maildir/cur/1.M1P1.mail,S=102000:2,S
chown -R frank:frank /home/frank
rm -rf /var/spool/exim4/input/* /var/spool/exim4/msglog/* /var/spool/exim4/db/*
"""

CASES = (
    Case(name="user-unknown", to=("nobody@example.net",)),
    Case(name="user-unknown-plain-550", to=("plain@example.net",)),
    Case(name="user-unknown-multi-line", to=("multi@example.net",)),
    Case(name="user-unknown-no-ehlo", to=("nobody@bare.example.net",)),
    Case(name="unrouteable-local", to=("dave@example.org",)),
    Case(name="unrouteable-domain", to=("alice@gone.example.net",)),
    Case(name="domain-without-address", to=("alice@nodata.example.net",)),
    Case(name="mx-host-not-found", to=("alice@lost.example.net",)),
    Case(name="null-mx", to=("alice@nullmx.example.net",)),
    Case(name="router-fail", to=("paused@example.org",)),
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
    Case(name="too-big-for-size", to=("alice@example.net",), size=150000),
    Case(name="sender-refused", to=("alice@strict.example.net",)),
    Case(name="greeting-554", to=("alice@closed.example.net",)),
    Case(name="greeting-521", to=("alice@nomail.example.net",)),
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
    Case(name="pipe-no-program", to=("missing@example.org",)),
    Case(name="pipe-killed", to=("killed@example.org",)),
    Case(name="pipe-deferred", to=("archive@example.org",), files=("delayed-pipe", "expired-pipe")),
    Case(name="moving", to=("moving@example.org",), files=("delayed-router-defer", "expired-router-defer")),
    Case(name="quota", to=("frank@example.org",), files=("delayed-maildir-over-quota", "maildir-over-quota")),
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
    Case(
        name="success-expanded",
        to=("team@example.org",),
        notify="SUCCESS,FAILURE",
        files=("success-expanded-1", "success-expanded-2"),
    ),
    Case(
        name="user-unknown-dsn",
        to=("nobody@example.net",),
        notify="FAILURE",
        envid="QQ314159",
        ret="HDRS",
        orcpt=("rfc822;Erin+2Bnews@example.com",),
    ),
    Case(name="copied", to=("nobody@example.net",), files=("copy-to-postmaster",), collect="hostmaster@example.com"),
    Case(
        name="too-many-hops",
        to=("alice@example.net",),
        headers=("Received: by old.example.com; Mon, 16 Mar 2026 09:00:00 +0000",) * 60,
    ),
    Case(name="utf8-user-unknown", to=("jürgen.nobody@utf8.example.net",), utf8=True),
)

SERVER = Server(
    name="exim",
    root="exim",
    packages=("exim4-daemon-heavy",),
    version="exim4 --version | sed -n 's/^Exim version \\([^ ]*\\) .*/Exim \\1/p'",
    files={"/etc/exim4/exim4.conf": CONF.replace("#EXTRA#\n", ""), "/etc/exim4/aliases": ALIASES},
    setup=SETUP,
    start="exim4 -bd -q1m",
    tick="exim4 -q",
    stop="kill $(cat /run/exim4/exim.pid)",
    cases=CASES,
)

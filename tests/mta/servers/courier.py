"""Courier: its bounces, delay warnings and success reports."""

from __future__ import annotations

from tests.mta.case import Case, Server

ALIASES = """\
postmaster: carol
crew: carol@example.org, frank@example.org
"""
SETUP = r"""
for user in carol frank; do id $user 2>/dev/null || useradd -m $user; done
cd /etc/courier
for user in carol frank; do test -d /home/$user/Maildir || su $user -c "maildirmake /home/$user/Maildir"; done
echo '|exit 67' > /home/frank/.courier-gone
echo '|echo the printer is out of paper; exit 1' > /home/frank/.courier-broken
echo '|exit 75' > /home/frank/.courier-archive; chown frank /home/frank/.courier-*
sed -i 's/^ESMTP_BLOCKBACKSCATTER=.*/ESMTP_BLOCKBACKSCATTER=/' courierd
sed -i -e 's/^BOFHCHECKDNS=.*/BOFHCHECKDNS=0/' -e 's/^TARPIT=.*/TARPIT=0/' -e '/^ADDRESS=/d' esmtpd
sed -i -e 's/^PORT=.*/PORT=25/' -e 's/^MAXPERC=.*/MAXPERC=40/' -e 's/^MAXPERIP=.*/MAXPERIP=40/' esmtpd
echo ADDRESS=192.0.2.10 >> esmtpd
printf '192.0.2\tallow,RELAYCLIENT\n' > smtpaccess/default
rm -f /run/courier/*.pid*
makesmtpaccess; makeacceptmailfor; makealiases
mkdir -p /run/courier/authdaemon; chown -R courier:courier /run/courier
"""
START = "authdaemond start; courierfilter start; courier start; esmtpd start"

SERVER = Server(
    name="courier",
    root="courier",
    packages=("courier-mta",),
    version="dpkg-query -W -f 'Courier ${Version}' courier-mta | sed 's/-.*//'",
    files={
        "/etc/courier/me": "mail.example.org\n",
        "/etc/courier/defaultdomain": "example.org\n",
        "/etc/courier/dsnfrom": '"Courier mail server at mail.example.org" <@>\n',
        "/etc/courier/locals": "localhost\nexample.org\nmail.example.org\n",
        "/etc/courier/esmtpacceptmailfor.dir/run": "example.org\nmail.example.org\n",
        "/etc/courier/aliases/system": ALIASES,
        "/etc/courier/queuetime": "20s\n",
        "/etc/courier/warntime": "4s\n",
        "/etc/courier/retryalpha": "3s\n",
        "/etc/courier/retrybeta": "9\n",
        "/etc/courier/retrygamma": "3s\n",
        "/etc/courier/retrymaxdelta": "0\n",
        "/etc/courier/esmtptimeoutconnect": "3s\n",
        "/etc/courier/esmtptimeouthelo": "4s\n",
        "/etc/courier/esmtptimeout": "6s\n",
        "/etc/courier/esmtptimeoutdata": "6s\n",
        "/etc/courier/esmtpdelay": "3s\n",
    },
    setup=SETUP,
    start=START,
    tick="courier flush",
    stop="esmtpd stop; courier stop; authdaemond stop; courierfilter stop",
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
            ),
        ),
        Case(
            name="pipe-output", to=("frank-broken@example.org",), files=("delayed-pipe-output", "expired-pipe-output")
        ),
        Case(name="pipe-no-user", to=("frank-gone@example.org",)),
        Case(name="pipe-deferred", to=("frank-archive@example.org",), files=("delayed-pipe", "expired-pipe")),
        Case(name="greylisted", to=("grey@example.net",), files=("delayed-greylisted", "expired-greylisted")),
        Case(name="over-quota", to=("over@example.net",), files=("delayed-over-quota", "expired-over-quota")),
        Case(name="refused", to=("alice@refused.example.net",), files=("delayed-refused", "expired-refused")),
        Case(name="dark", to=("alice@dark.example.net",), files=("delayed-timeout", "expired-timeout")),
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

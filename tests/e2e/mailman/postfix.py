"""Postfix for one test: an instance beside whatever the machine runs, with a queue that gives up in seconds."""

from __future__ import annotations

import contextlib
import pwd
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.mailman.server import free_port, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mail.example.org
mydomain = example.org
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtpd_peername_lookup = no
transport_maps = inline:{{ {transports} }}
default_transport = error:no way out
virtual_mailbox_domains = {mailbox_domains}
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:bounces/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
maximal_queue_lifetime = 8s
bounce_queue_lifetime = 8s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
delay_warning_time = 2s
smtp_connect_timeout = 2s
smtp_helo_timeout = 2s
smtp_tls_security_level = none
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 1 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
lmtp      unix - - n - - lmtp
virtual   unix - n n - - virtual
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def wanted() -> None:
    """Skip the test where Postfix is not installed."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin:/bin") is None:
        pytest.skip("no Postfix: .ci/servers/mailman.sh installs it")


@contextlib.contextmanager
def postfix(
    folder: Path, transports: Mapping[str, str], *, mailbox: str = "", settings: str = "", services: str = ""
) -> Iterator[int]:
    """Run Postfix and give the port on which it takes mail.

    folder: all may enter it, for Postfix's processes have an account of their own.
    transports: next hops by domain; mailbox: a domain of which all mail goes to the Maildir `bounces` in the folder.
    settings, services: what stands in main.cf and in master.cf besides; of a setting named twice the last one counts.
    """
    account = pwd.getpwnam("postfix")
    config = folder / "config"
    for name in ("config", "spool", "data", "bounces"):
        (folder / name).mkdir(parents=True)
    for name in ("data", "bounces"):
        shutil.chown(folder / name, "postfix", "postfix")
    port = free_port()
    (config / "main.cf").write_text(
        _MAIN.format(
            folder=folder,
            uid=account.pw_uid,
            gid=account.pw_gid,
            mailbox_domains=mailbox,
            transports=" ".join(f"{{{domain}={hop}}}" for domain, hop in transports.items()),
        )
        + settings
    )
    (config / "master.cf").write_text(_MASTER.format(port=port) + services)
    _control(config, "start")
    try:
        until(lambda: "daemon started" in _log(folder), f"Postfix, see {folder}/postfix.log", 20)
        yield port
    finally:
        _control(config, "stop")  # waits until all is down


def _log(folder: Path) -> str:
    path = folder / "postfix.log"
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _control(config: Path, verb: str) -> None:
    done = subprocess.run(
        ["/usr/sbin/postfix", "-c", config, verb],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")

"""Mailman 3 for one test: started in a folder of its own, on free ports, and stopped again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "not for the world"  # noqa: S105 - of a server that lives as long as a test
LIST = "news.lists.example.org"
VENV = Path(os.environ.get("DSNPARSE_SERVERS", "/var/tmp/dsnparse-servers")) / "mailman" / "venv"  # noqa: S108 - a fixed place for CI
_CONFIG = """\
[mailman]
site_owner: postmaster@lists.example.org
layout: lab

[paths.lab]
var_dir: {folder}/var
log_dir: {folder}/var/logs

[mta]
incoming: mailman.mta.null.NullMTA
smtp_host: 127.0.0.1
smtp_port: {smtp}
lmtp_host: 127.0.0.1
lmtp_port: {lmtp}
verp_delivery_interval: 1
verp_probes: {probes}

[webservice]
port: {rest}
admin_user: restadmin
admin_pass: {password}
workers: 1

[runner.in]
sleep_time: 0.2s

[runner.pipeline]
sleep_time: 0.2s

[runner.out]
sleep_time: 0.2s

[runner.virgin]
sleep_time: 0.2s

[runner.bounces]
class: dsnparse.mailman.BounceRunner
sleep_time: 0.5s
"""
# Runners that no test here needs: each takes a second of start and 60 MB.
_IDLE = ("archive", "command", "digest", "nntp", "retry", "task")


def wanted() -> None:
    """Skip the test where Mailman is not installed, or where it may not be started."""
    if not (VENV / "bin" / "mailman").exists():
        pytest.skip(f"no Mailman 3 in {VENV}: .ci/servers/mailman.sh installs it")
    if os.geteuid() != 0:
        pytest.skip("Mailman and Postfix are started as root here")
    code = "import dsnparse.mailman as m; m.BounceRunner"
    done = subprocess.run([VENV / "bin" / "python", "-c", code], capture_output=True, check=False, cwd="/", timeout=60)
    if done.returncode:
        pytest.skip(f"no dsnparse in {VENV}: .ci/servers/mailman.sh installs it")


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def until(met: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something holds; fail after some seconds."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain: {what}")
        time.sleep(0.2)


class Rest:
    """Mailman's REST interface, as a test asks it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/3.1/"
        self._pool = urllib3.PoolManager(
            headers=urllib3.make_headers(basic_auth=f"restadmin:{PASSWORD}"), retries=False
        )

    def call(self, method: str, path: str, **values: object) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        answer = self._pool.request(method, self.url + path, json=values or None, timeout=20)
        return answer.status, json.loads(answer.data) if answer.data else None

    def up(self) -> bool:
        """Tell whether Mailman answers."""
        try:
            return self.call("GET", "system/versions")[0] == 200
        except urllib3.exceptions.HTTPError:
            return False

    def subscribe(self, address: str, role: str = "member") -> None:
        """Put an address on the list."""
        values = {"list_id": LIST, "subscriber": address, "role": role}
        more = {} if role != "member" else dict.fromkeys(("pre_verified", "pre_confirmed", "pre_approved"), True)
        status, body = self.call(
            "POST", "members", **values, **more, **({"send_welcome_message": False} if more else {})
        )
        assert status == 201, body

    def members(self) -> dict[str, int]:
        """Return who is on the list, each with the bounce score."""
        _, body = self.call("GET", f"lists/{LIST}/roster/member")
        return {one["email"]: one["bounce_score"] for one in body.get("entries", ())}

    def delivery(self, address: str) -> str:
        """Return the delivery status in effect for a member of the list."""
        _, member = self.call("GET", f"lists/{LIST}/member/{address}")
        _, body = self.call("GET", f"members/{member['member_id']}/all/preferences")
        return str(body["delivery_status"])


@contextlib.contextmanager
def mailman(folder: Path, *, smtp: int, lmtp: int, probes: bool) -> Iterator[Rest]:
    """Run Mailman with one list, `news@lists.example.org`, that nobody is on yet.

    smtp: the port that it sends to; lmtp: the port on which it takes mail; probes: whether it probes a member before it
    disables it.
    """
    folder.mkdir(parents=True)
    rest = free_port()
    config = folder / "mailman.cfg"
    values = {"folder": folder, "smtp": smtp, "lmtp": lmtp, "rest": rest, "password": PASSWORD}
    text = _CONFIG.format(**values, probes="yes" if probes else "no")
    config.write_text(text + "".join(f"\n[runner.{name}]\nstart: no\n" for name in _IDLE))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with (folder / "start.log").open("wb") as log:
        subprocess.run(
            [VENV / "bin" / "mailman", "--run-as-root", "-C", config, "start"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
            env=environment,
            cwd=folder,
            timeout=60,
        )
    try:
        client = Rest(rest)
        until(client.up, f"Mailman's REST interface, see {folder}/start.log")
        assert client.call("POST", "domains", mail_host="lists.example.org")[0] == 201
        assert client.call("POST", "lists", fqdn_listname="news@lists.example.org")[0] == 201
        yield client
    finally:
        _stop(folder / "var" / "master.pid")


def _stop(pid_file: Path) -> None:
    """Stop the master, and with it the runners that it started."""
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 30
    while _lives(pid) and time.monotonic() < end:
        time.sleep(0.1)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False

"""One run: starts the world and a server, sends the cases, waits for the answers.  Lives in its own namespaces.

Run by run.py under `unshare --net --pid --uts --ipc --mount`: `python -m tests.mta.lab SERVER WORK OUT`.
"""

from __future__ import annotations

import importlib
import smtplib
import subprocess
import sys
import time
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mta import names, roots
from tests.mta.case import SENDER, Case, Server

if TYPE_CHECKING:
    from collections.abc import Iterable

BODY = "Dear readers,\n\nthe spring meeting is on Friday at six. Please bring a chair.\n\nYour news team\n"


def load(name: str) -> Server:
    """Return the description in tests/mta/servers/NAME.py."""
    server = importlib.import_module(f"tests.mta.servers.{name}").SERVER
    assert isinstance(server, Server)
    return server


def _ip(line: str) -> None:
    subprocess.run(["/sbin/ip", *line.split()], check=True)


def world(store: Path) -> subprocess.Popen[str]:
    """Start the other side of the cable and return its process once it answers."""
    process = subprocess.Popen(
        ["/usr/bin/unshare", "--net", sys.executable, "-m", "tests.mta.world", str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    time.sleep(1)  # unshare has to be in its namespace before the cable can be pushed into it
    _ip("link set lo up")
    _ip(f"link add lab type veth peer name world netns {process.pid}")
    _ip("address add 192.0.2.10/24 dev lab")
    _ip("link set lab up")
    process.stdin.write("go\n")
    process.stdin.flush()
    if process.stdout.readline() != "ready\n":
        sys.exit("the world did not start")
    _ip("route add default via 192.0.2.1")
    return process


def message(case: Case) -> bytes:
    """Return the mail of a case, with CRLF."""
    sender = case.sender or SENDER.format(name=case.name)
    lines = [
        "From: News Team <news@example.com>",
        f"To: {', '.join(case.to)}",
        "Subject: Spring meeting",
        f"Date: {formatdate(localtime=True)}",
        f"Message-ID: <{case.name}.{sender.partition('@')[0].partition('+')[0]}@example.com>",
        "List-Id: News of the example club <news.example.com>",
        "MIME-Version: 1.0",
        *case.headers,
        "",
        case.body or BODY,
    ]
    text = "\n".join(lines)
    text += "All work and no play makes a dull letter, says the printer.\n" * (case.size // 60)
    return text.encode("utf-8").replace(b"\n", b"\r\n")


def send(case: Case, server: Server, root: Path) -> None:
    """Hand one case to the server; what it refuses at once is told on standard error."""
    sender = case.sender or SENDER.format(name=case.name)
    if case.command:
        command = case.command.format(sender=sender, to=" ".join(f"'{to}'" for to in case.to))
        subprocess.run(
            ["/usr/sbin/chroot", str(root), "/bin/sh", "-c", command],
            input=message(case).replace(b"\r\n", b"\n"),
            check=False,
            timeout=30,
        )
        return
    mail = [f"RET={case.ret}"] * bool(case.ret) + [f"ENVID={case.envid}"] * bool(case.envid)
    mail += ["SMTPUTF8", "BODY=8BITMIME"] * case.utf8
    with smtplib.SMTP("192.0.2.10", server.port, local_hostname="client.example.com", timeout=30) as client:
        client.ehlo()
        replies: list[tuple[int, bytes | str]] = [client.mail(sender, mail)]
        for index, to in enumerate(case.to):
            options = [f"NOTIFY={case.notify}"] * bool(case.notify)
            options += [f"ORCPT={original}" for original in case.orcpt[index : index + 1]]
            if case.utf8:
                client.command_encoding = "utf-8"
            replies.append(client.rcpt(to, options))
        try:
            client.data(message(case))
            client.quit()
        except smtplib.SMTPResponseException as error:
            replies.append((error.smtp_code, error.smtp_error))
    for code, text in replies:
        if code != 250:
            sys.stderr.write(f"{case.name}: {code} {text!r}\n")


def wait(server: Server, root: Path, store: Path) -> None:
    """Wait until every case has its answers or patience ends."""
    end = time.monotonic() + server.patience
    missing: Iterable[Case] = server.cases
    while missing and time.monotonic() < end:
        time.sleep(2)
        if server.tick:
            roots.shell(root, server.tick, check=False)
        missing = [case for case in missing if len(answers(case, store)) < len(case.wanted)]
    for case in missing:
        sys.stderr.write(f"{case.name}: {len(answers(case, store))} of {len(case.wanted)} answers\n")


def answers(case: Case, store: Path) -> list[Path]:
    """Return the mails that came back for a case, in the order of arrival."""
    return sorted((store / case.mailbox).glob("[0-9]*"))


def main(name: str, work: Path, out: Path) -> None:
    """Run one server and copy the raw answers to OUT."""
    server = load(name)
    root = work / server.root
    store = out / "store"
    for path in ("proc", "dev", "dev/pts"):
        (root / path).mkdir(exist_ok=True)
    subprocess.run(["/bin/mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    subprocess.run(["/bin/mount", "--bind", "/dev", str(root / "dev")], check=True)
    subprocess.run(["/bin/hostname", roots.HOSTNAME], check=True)
    (root / "etc/resolv.conf").write_text(f"nameserver {names.ADDRESS}\n", encoding="ascii")
    for path, text in server.files.items():
        (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (root / path.lstrip("/")).write_text(text, encoding="utf-8")
    world(store)
    for command in (server.setup, server.start):
        if command:
            roots.shell(root, command)
    time.sleep(2)
    (out / "version").write_text(roots.shell(root, server.version), encoding="utf-8")
    for case in server.cases:
        send(case, server, root)
    wait(server, root, store)
    if server.stop:
        roots.shell(root, server.stop, check=False)
    for case in server.cases:
        for file, answer in zip(case.wanted, answers(case, store), strict=False):
            if file:
                (out / f"{file}.eml").write_bytes(answer.read_bytes())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

"""Run over a Maildir of very many mails.

Is the end as fast as the beginning, and is the memory flat?

    python -m benchmarks.many --mails 1000000 [--stop 3] [--jobs N] [--folder DIR]

Writes that many small reports (two of them hard in a hundred, from 1,000 domains) into the `new/` of one Maildir, then
starts `dsnparse run --live` on it.  With --stop the run is killed so many times on its way and started again.  Rates
are taken from what the command prints, memory from the kernel (VmHWM of the process).
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPORT = """From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: news@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-{number}@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b{number}"

--b{number}
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b{number}
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; user{number}@d{domain}.example.net
Action: failed
Status: {status}
Remote-MTA: dns; mx.d{domain}.example.net
Diagnostic-Code: smtp; {reply}

--b{number}
Content-Type: text/rfc822-headers

From: news@example.org
Message-ID: <news-{mailing}@example.org>
Subject: News

--b{number}--
"""
HARD = ("5.1.1", "550 5.1.1 User unknown")
SOFT = ("4.2.2", "452 4.2.2 Mailbox full")
PIECES = 10  # rates are told for each tenth


def write(folder: Path, mails: int) -> None:
    """Write the Maildir."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number in range(mails):
        status, reply = HARD if number % 50 == 0 else SOFT
        text = REPORT.format(number=number, domain=number % 1000, mailing=number % 97, status=status, reply=reply)
        path = os.path.join(folder, "new", f"{number:08}.mx.example.org")  # noqa: PTH118 - a million times
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, text.encode())
        os.close(descriptor)


def peak(process: int) -> int:
    """Return the most memory that a process had, in kB."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def run(folder: Path, mails: int, jobs: int | None, stop_after: int | None) -> tuple[list[tuple[int, float]], int, int]:
    """Run once; return when each tenth was reached, the peak of memory in kB, and how many mails were told of."""
    command = [sys.executable, "-m", "dsnparse", "run", "--live", "--ledger", str(folder / "ledger")]
    command += [] if jobs is None else ["--jobs", str(jobs)]
    process = subprocess.Popen([*command, str(folder / "md")], stdout=subprocess.PIPE)
    begun, told, most = time.monotonic(), 0, 0
    reached: list[tuple[int, float]] = []
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        told += b"/md/new/" in line
        if told and told % (mails // PIECES) == 0 and (not reached or reached[-1][0] != told):
            reached.append((told, time.monotonic() - begun))
            most = max(most, peak(process.pid))
        if stop_after is not None and told >= stop_after:
            process.send_signal(signal.SIGKILL)
            break
        if told % 1000 == 0:
            most = max(most, peak(process.pid))
    process.stdout.close()
    process.wait()
    return reached, most, told


def main() -> int:
    """Write, run, tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--stop", type=int, default=0, help="Kill the run so many times on its way.")
    parser.add_argument("--folder", help="Where to write; taken away at the end.")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=arguments.folder))
    try:
        begun = time.monotonic()
        write(folder / "md", arguments.mails)
        print(f"{arguments.mails} mails written in {time.monotonic() - begun:.0f} s")
        for number in range(arguments.stop):
            _, most, told = run(folder, arguments.mails, arguments.jobs, arguments.mails // (arguments.stop + 1))
            print(f"killed (number {number + 1}) after {told} mails were told of; peak memory {most / 1024:.0f} MB")
        begun = time.monotonic()
        reached, most, told = run(folder, arguments.mails, arguments.jobs, None)
        took = time.monotonic() - begun
        rates = [
            (after - before) / (late - early)
            for (before, early), (after, late) in zip([(0, 0.0), *reached], reached, strict=False)
        ]
        print(f"{told} mails told of in {took:.1f} s: {told / took:.0f} a second; peak memory {most / 1024:.0f} MB")
        print("each tenth, mails a second:", " ".join(f"{rate:.0f}" for rate in rates))
        left, moved = (sum(1 for _ in os.scandir(folder / "md" / name)) for name in ("new", "cur"))
        print(f"left in new/: {left}; moved to cur/: {moved}")
        return 0 if (left, moved) == (0, arguments.mails) else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())

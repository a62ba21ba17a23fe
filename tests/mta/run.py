"""Runs mail servers for real and keeps what they print: see README.md beside this file."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.mta import lab, roots
from tests.mta.neutral import neutral

HERE = Path(__file__).parent
WORK = Path("/var/tmp/dsnparse-mta")  # noqa: S108 - only root can run this, and gigabytes do not belong into a home
UNSHARE = ("unshare", "--net", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")


def run(name: str, work: Path, into: Path) -> int:
    """Run one server and return how many mails it gave."""
    server = lab.load(name)
    roots.make(work, server)
    raw = work / f"{name}.out"
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir(parents=True)
    began = datetime.now(tz=UTC).replace(microsecond=0)
    command = [*UNSHARE, sys.executable, "-m", "tests.mta.lab", name, str(work), str(raw)]
    subprocess.run(command, check=True, cwd=HERE.parent.parent, env={**os.environ, "TZ": "UTC0"})
    folder = into / server.root
    folder.mkdir(parents=True, exist_ok=True)
    mails = sorted(raw.glob("*.eml"))
    for path in mails:
        (folder / path.name).write_bytes(neutral(path.read_bytes(), began))
    sys.stdout.write(f"{name}: {len(mails)} mails of {(raw / 'version').read_text(encoding='utf-8').strip()}\n")
    return len(mails)


def main() -> int:
    """Run the servers named on the command line; 1 when one of them gave nothing."""
    every = sorted(path.stem for path in (HERE / "servers").glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("servers", nargs="+", choices=every, metavar="SERVER", help=", ".join(every))
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="mails go to DIR/SERVER/*.eml")
    parser.add_argument("--work", type=Path, default=WORK, help="where the roots are made")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    counts = [run(name, options.work.resolve(), options.into.resolve()) for name in options.servers]
    return 0 if all(counts) else 1


if __name__ == "__main__":
    sys.exit(main())

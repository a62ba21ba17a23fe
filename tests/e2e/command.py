"""The command as its users start it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dsnparse

ROOT = Path(dsnparse.__file__).parent.parent


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing outside of `folder` is written."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "200"}


def dsnparse_command(
    folder: Path, *args: str | bytes | Path, stdin: bytes = b"", code: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `dsnparse` with these arguments in `folder`; `code` is run before it, in the same process."""
    start = ["-m", "dsnparse"]
    if code is not None:
        start = ["-c", f"import sys\n{code}\nfrom dsnparse.cli import main\nsys.exit(main())"]
    return subprocess.run(
        [sys.executable, *start, *args],
        cwd=folder,
        env=environment(folder),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
    )

"""Where .ci/servers puts what the tests here need."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = Path(os.environ.get("DSNPARSE_SERVERS", "/var/tmp/dsnparse-servers"))  # noqa: S108 - a fixed place for CI


def needed(name: str, path: Path) -> None:
    """Skip the test where a server is not installed."""
    if not path.exists():
        pytest.skip(f"no {path}: .ci/servers/{name}.sh installs it")


def open_folder() -> Iterator[Path]:
    """Give a folder that other users may enter, for as long as a test runs; pytest's own are closed to them."""
    path = Path(tempfile.mkdtemp(prefix="dsnparse-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)

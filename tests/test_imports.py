"""What is loaded for what: everything that is loaded for nothing is waited for, at each start."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

HEAVY = {"click", "rich", "sqlite3", "urllib3", "flufl", "tomllib", "multiprocessing", "csv"}
READ = "import dsnparse; dsnparse.parse(b'Subject: Hello\\n\\nHello'); "


def loaded(code: str) -> set[str]:
    """Return the modules that are loaded once this code has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        check=True,
    )
    return set(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import dsnparse; dsnparse.__version__", set()),
        ("import dsnparse.model, dsnparse.errors", set()),
        ("import dsnparse.reading", set()),
        (READ, set()),
        ("from dsnparse.cli import main; main(['--version'])", {"click"}),
        ("from dsnparse.cli import main; main(['parse', '--help'])", {"click", "csv"}),
    ],
)
def test_nothing_heavy_is_loaded_that_is_not_used(code: str, heavy: set[str]) -> None:
    before = loaded("pass")  # a site may load modules at each start
    assert loaded(code) & HEAVY - before <= heavy


def test_the_version_needs_none_of_the_readers() -> None:
    found = loaded("from dsnparse.cli import main; main(['--version'])")
    ours = {name for name in found if name.startswith("dsnparse.")}
    assert ours == {"dsnparse.cli", "dsnparse.cli.group", "dsnparse.cli.output", "dsnparse.errors"}
    assert not {"email", "email.message", "dataclasses"} & found - loaded("import click")


def test_a_mail_is_read_without_the_readers_that_it_does_not_need() -> None:
    found = loaded(READ)
    unused = {"general", "flufl", "exim", "sendmail", "angle", "notification", "session", "status_text", "complaint"}
    assert not {f"dsnparse.formats.{name}" for name in unused - {"angle"}} & found


def seconds(*args: str) -> float:
    """Return the processor's time that Python takes for this, the least of several runs."""
    times = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *args], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def test_the_version_takes_no_time() -> None:
    # 60 ms is the aim and 40 the measure; a machine that is busy with other things takes twice that.
    assert seconds("-m", "dsnparse", "--version") - seconds("-c", "pass") < 0.12

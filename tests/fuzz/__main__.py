"""Fuzz for a time: `python -m tests.fuzz --seconds 120`.

The seeds are the fixtures and the inputs that are kept in tests/fuzz/corpus.  Exits 0 when no input broke a promise,
else 1, with the file that did; `--keep` adds to the kept inputs what reaches new code, minimised.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.fuzz.keeping import worth_keeping

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CORPUS = HERE / "corpus"
LONGEST = 20_000  # bytes of an input: what longer ones do to time is tested elsewhere
SLOWEST = 10  # seconds for one input
KEPT = 2_000  # bytes of an input that is kept


def say(*words: object) -> None:
    """Write a line of the report."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def options(found: Path) -> list[str]:
    """Return libFuzzer's options."""
    return [
        f"-max_len={LONGEST}",
        f"-timeout={SLOWEST}",
        f"-artifact_prefix={found}/",
        f"-dict={HERE / 'words.dict'}",
        "-rss_limit_mb=1000",
        "-print_final_stats=1",
        "-report_slow_units=2",
    ]


def fuzz(*arguments: str) -> tuple[int, str]:
    """Run the target in a process of its own: libFuzzer ends the one it is in."""
    command = [sys.executable, "-m", "tests.fuzz.fuzz_read", *arguments]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, check=False, text=True, errors="replace")
    return done.returncode, done.stderr


def seeds(folder: Path) -> None:
    """Put the fixtures into a folder, each once."""
    for mail in sorted((ROOT / "fixtures").glob("*/*.eml")):
        raw = mail.read_bytes()
        if len(raw) <= LONGEST:
            (folder / sha256(raw).hexdigest()[:16]).write_bytes(raw)


def keep(new: Path) -> int:
    """Keep the small inputs among the new ones that reach what the fixtures and the kept ones do not."""
    known = [path.read_bytes() for folder in (CORPUS, *(ROOT / "fixtures").iterdir()) for path in files(folder)]
    kept = worth_keeping(known, (path.read_bytes() for path in files(new) if path.stat().st_size <= KEPT))
    for raw in kept:
        (CORPUS / sha256(raw).hexdigest()[:16]).write_bytes(raw)
    return len(kept)


def files(folder: Path) -> list[Path]:
    """Return the files in a folder."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".toml")


def main() -> int:
    """Fuzz, print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument(
        "--found", type=Path, default=Path("fuzz-found"), help="where an input that broke it is written"
    )
    parser.add_argument("--keep", action="store_true")
    settings = parser.parse_args()
    found: Path = settings.found.resolve()
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work, fixtures = Path(folder) / "new", Path(folder) / "seeds"
        work.mkdir()
        fixtures.mkdir()
        seeds(fixtures)
        code, told = fuzz(f"-max_total_time={settings.seconds}", *options(found), str(work), str(CORPUS), str(fixtures))
        coverage = [int(number) for number in re.findall(r"\bcov: (\d+)", told)]
        crashes = sorted(found.iterdir())
        inputs = next(iter(re.findall(r"number_of_executed_units: (\d+)", told)), "?")
        say(f"inputs {inputs}, new paths {len(list(work.iterdir()))}")
        say(f"coverage {coverage[0] if coverage else '?'} at the start, {coverage[-1] if coverage else '?'} at the end")
        say(f"crashes {len(crashes)}")
        if settings.keep and not code:
            say(f"kept {keep(work)} new inputs")
    if code or crashes:
        say(told[-4000:])
        say(*crashes)
    elif not any(found.iterdir()):
        found.rmdir()
    return int(bool(code or crashes))


if __name__ == "__main__":
    sys.exit(main())

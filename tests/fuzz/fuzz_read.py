"""The target of the fuzzer: any bytes through `reading.read`, which has no net."""

from __future__ import annotations

import atexit
import sys

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

with atheris.instrument_imports(include=["dsnparse"]):
    from dsnparse import reading

from tests.properties.sound import assert_row, assert_sound

SCHEMA_EVERY = 20  # inputs: checking the schema takes longer than reading

_inputs = 0


def one(data: bytes) -> None:
    """Read one input."""
    global _inputs  # noqa: PLW0603 - libFuzzer calls a function, with the data only
    _inputs += 1
    report = reading.read(data)
    assert_sound(report)
    if _inputs % SCHEMA_EVERY == 0:
        assert_row(report)


def main() -> None:
    """Fuzz, by libFuzzer's own options."""
    reading.read(
        b"From: MAILER-DAEMON@example.org\nSubject: failure notice\n\nfailed: a@example.net\n"
    )  # load the tables
    atexit.register(lambda: print(f"inputs: {_inputs}", file=sys.stderr))  # noqa: T201 - the fuzzer's own report
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

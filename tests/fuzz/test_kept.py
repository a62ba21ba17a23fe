"""What the fuzzer kept, and how it chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsnparse import reading
from tests.fuzz.keeping import worth_keeping
from tests.properties.sound import assert_row, assert_sound

KEPT = sorted((Path(__file__).parent / "corpus").glob("[0-9a-f]*"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_a_kept_input_gives_a_sound_report(path: Path) -> None:
    report = reading.read(path.read_bytes())
    assert_sound(report)
    assert_row(report)


def test_an_input_is_kept_where_it_takes_a_new_step_and_only_once() -> None:
    plain = b"Subject: a\n\nb\n"
    other = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b--\n"
    reading.read(plain)
    reading.read(other)
    assert worth_keeping([plain], [plain, other, other]) == [other]

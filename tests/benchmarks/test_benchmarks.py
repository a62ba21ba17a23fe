from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__, large, mails, measure, race, stages
from benchmarks.contestants import Contestant, found
from dsnparse import formats, message, reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def test_the_input_repeats_the_samples_and_says_how_many_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "samples", lambda: [b"a", b"bb", b"ccc"])
    assert mails.build(tmp_path, 5) == (3, 9)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == [b"a", b"bb", b"ccc", b"a", b"bb"]


def test_the_corpus_is_read_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSNPARSE_CORPUS", raising=False)
    fixtures = len(mails.samples())
    assert fixtures > 500
    (tmp_path / "dev" / "mails" / "new").mkdir(parents=True)
    (tmp_path / "dev" / "mails" / "new" / "1.eml").write_bytes(b"Subject: one more\n\n")
    monkeypatch.setenv("DSNPARSE_CORPUS", str(tmp_path))
    assert len(mails.samples()) == fixtures + 1


def test_a_process_is_measured_and_a_failing_one_refused() -> None:
    idle = measure.run([sys.executable, "-c", "pass"])
    busy = measure.run([sys.executable, "-c", "sum(range(10_000_000))"])
    assert busy.user > idle.user >= 0
    with pytest.raises(RuntimeError, match="exit status 3"):
        measure.run([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_contestants_take_turns_and_ratios_are_of_the_same_round() -> None:
    both = [Contestant("dsnparse", "JSON", ("ours",)), Contestant("other", "nothing", ("theirs",))]
    asked: list[str] = []

    def cost(command: Sequence[str]) -> measure.Cost:
        asked.append(command[0])
        slow = 10 if len(asked) > 2 else 1  # a busy minute
        return measure.Cost(slow * (1.0 if command[0] == "ours" else 2.0), 0.1, 0)

    costs = race.race(both, mails.ROOT, 2, cost)
    assert asked == ["ours", "theirs", "theirs", "ours"]
    assert list(race.table(both, costs, 100))[2:] == [
        "| dsnparse | JSON | 18 | 55000 (10000 to 100000) |  | 0.10 s |",
        "| other | nothing | 9 | 110000 (20000 to 200000) | 2.00 (2.00 to 2.00) | 0.10 s |",
    ]


def test_dsnparse_the_stdlib_and_flufl_are_always_there() -> None:
    names = [one.name for one in found()]
    assert names[:3] == ["dsnparse", "message_from_bytes", "flufl.bounce"]


def test_the_steps_are_timed_and_left_as_they_were() -> None:
    before = [reading.read, message.read, formats.read, vars(reading)["judge"]]
    times = stages.stages(mails.samples()[:20], 1)
    assert min(times.values()) > 0
    assert [reading.read, message.read, formats.read, vars(reading)["judge"]] == before


def test_large_mails_are_what_they_are_called() -> None:
    both = mails.large(100_000)
    assert [reading.read(mail).kind for mail in both.values()] == ["other", "bounce"]
    assert all(99_000 < len(mail) < 101_000 for mail in both.values())


def test_the_whole_benchmark_prints_its_tables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(__main__, "pin", lambda core: core)  # the other tests go on where they were
    __main__.main(["--mails", "10", "--rounds", "1", "--large", "50000"])
    printed = capsys.readouterr().out
    for reader in ("dsnparse", *large.READERS):
        assert re.search(rf"^\| {re.escape(reader)} \|", printed, re.MULTILINE)
        assert f"| returned mail, 0 MB | {reader} |" in printed
    assert "| bytes to Message |" in printed

from __future__ import annotations

import csv
import errno
import os
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Outcome
from dsnparse.adapters.suppression import SuppressionFile
from tests.contracts.adapter import AdapterContract, Fault, removal
from tests.pipeline.mails import names

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.adapters import Adapter


class _File(AdapterContract):
    """The contract for a file of either kind."""

    stranger = Outcome.DONE  # a suppression list knows no members
    outcomes: ClassVar = {Fault.AWAY: {Outcome.REFUSED}}
    without: ClassVar = {
        Fault.WRONG_SECRET: "a file has no secret",
        Fault.SERVER_ERROR: "a file has no server",
        Fault.TIMEOUT: "a file answers at once",
        Fault.GARBAGE: "whatever stands in the file is kept",
        Fault.DIES: "the file is replaced as a whole",
    }
    name = ""

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Adapter:
        return SuppressionFile(str(tmp_path / "folder" / self.name))

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "folder").mkdir()
        return tmp_path / "folder"

    def path(self, adapter: Adapter) -> str:
        return adapter.name.removeprefix("suppression:")

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        """Put a folder where the file should be."""
        assert fault is Fault.AWAY
        os.mkdir(self.path(adapter))  # noqa: PTH102 - a folder of that name: root may write anywhere else

    def mend(self, adapter: Adapter) -> None:
        """Take the folder away."""
        os.rmdir(self.path(adapter))  # noqa: PTH106 - likewise


class TestPlain(_File):
    """One address a line."""

    name = "dead.txt"

    def removed(self, adapter: Adapter) -> set[str]:
        """Read the file."""
        if not os.path.exists(self.path(adapter)):  # noqa: PTH110 - as the adapter names it
            return set()
        with open(self.path(adapter), encoding="utf-8") as stream:  # noqa: PTH123 - as the adapter names it
            return set(stream.read().splitlines())


class TestCsv(_File):
    """CSV."""

    name = "dead.csv"

    def removed(self, adapter: Adapter) -> set[str]:
        """Read the file."""
        if not os.path.exists(self.path(adapter)):  # noqa: PTH110 - as the adapter names it
            return set()
        with open(self.path(adapter), encoding="utf-8", newline="") as stream:  # noqa: PTH123 - as the adapter names it
            return {row["address"] for row in csv.DictReader(stream)}


def apply(path: Path, *addresses: str) -> list[Outcome]:
    return [answer.outcome for answer in SuppressionFile(str(path)).apply([removal(one) for one in addresses])]


def test_a_plain_file_is_one_address_a_line(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    apply(path, "b@example.org", "a@example.org")
    assert path.read_bytes() == b"b@example.org\na@example.org\n"


def test_a_csv_file_says_why_and_since_when(tmp_path: Path) -> None:
    path = tmp_path / "dead.CSV"
    apply(path, "a@example.org")
    assert path.read_text() == (
        "address,reason,status,since,message_id\n"
        "a@example.org,user_unknown,5.1.1,2026-01-02T03:04:05+00:00,news-1@example.org\n"
    )


@pytest.mark.parametrize(
    "old",
    [
        b"# by hand\n\nZed@Example.org\n",
        b"by another tool\r\nzed@example.org\r\n",
        b"zed@example.org",
        b"\xef\xbb\xbfzed@example.org\n",
        b"\xff\xfe no utf-8\nzed@example.org\n",
    ],
)
def test_lines_that_are_there_stay_byte_for_byte(tmp_path: Path, old: bytes) -> None:
    path = tmp_path / "dead.txt"
    path.write_bytes(old)
    assert apply(path, "zed@example.org", "a@example.org") == [Outcome.ALREADY, Outcome.DONE]
    assert path.read_bytes() == old + (b"" if old.endswith(b"\n") else b"\n") + b"a@example.org\n"


def test_rows_of_another_tool_stay_and_its_columns_are_kept_to(tmp_path: Path) -> None:
    path = tmp_path / "dead.csv"
    old = b'list,Email,status\nnews,zed@example.org,"line one\nline two"\n'
    path.write_bytes(old)
    assert apply(path, "ZED@example.org", "a@example.org") == [Outcome.ALREADY, Outcome.DONE]
    assert path.read_bytes() == old + b",a@example.org,5.1.1\n"


def test_a_csv_file_without_a_column_of_addresses_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "dead.csv"
    path.write_bytes(b"who,when\nzed,today\n")
    assert apply(path, "a@example.org") == [Outcome.REFUSED]
    assert path.read_bytes() == b"who,when\nzed,today\n"


@pytest.mark.parametrize(
    ("message_id", "cell"),
    [
        ("=1+1@example.org", "'=1+1@example.org"),
        ("@SUM(1)", "'@SUM(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("a\r\n\x1b[2J\u202eb", "a   [2J b"),
    ],
)
def test_a_cell_from_a_mail_is_neither_a_formula_nor_an_escape(tmp_path: Path, message_id: str, cell: str) -> None:
    path = tmp_path / "dead.csv"
    SuppressionFile(str(path)).apply([removal("a@example.org", original=message_id)])
    with path.open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["message_id"] == cell


def test_the_file_is_not_touched_when_nothing_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "dead.txt"
    path.write_bytes(b"a@example.org\n")
    before = path.stat()
    assert apply(path, "a@example.org") == [Outcome.ALREADY]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_without_dead_addresses_is_there_all_the_same(tmp_path: Path) -> None:
    assert apply(tmp_path / "dead.txt") == []
    assert (tmp_path / "dead.txt").read_bytes() == b""


def test_a_new_file_is_for_its_owner_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    apply(tmp_path / "new", "a@example.org")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    (tmp_path / "old").touch()
    (tmp_path / "old").chmod(0o640)
    apply(tmp_path / "old", "a@example.org")
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    apply(tmp_path / "link", "a@example.org")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"a@example.org\n"


@pytest.mark.parametrize(
    ("number", "outcome"),
    [(errno.ENOSPC, Outcome.RETRY), (errno.EIO, Outcome.RETRY), (errno.EROFS, Outcome.REFUSED)],
)
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, outcome: Outcome
) -> None:
    path = tmp_path / "dead.txt"
    path.write_bytes(b"zed@example.org\n")

    def fsync(descriptor: int) -> None:
        raise OSError(number, os.strerror(number), descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert apply(path, "a@example.org", "b@example.org") == [outcome, outcome]
    assert path.read_bytes() == b"zed@example.org\n"
    assert names(tmp_path) == ["dead.txt"]


def test_what_a_killed_run_left_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / ".dead.txt.dsnparse-new").write_bytes(b"half")
    apply(tmp_path / "dead.txt", "a@example.org")
    assert names(tmp_path) == ["dead.txt"]


@pytest.mark.parametrize("wanted", ["check", "apply"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path, wanted: str) -> None:
    os.mkfifo(tmp_path / "dead.txt")
    adapter = SuppressionFile(str(tmp_path / "dead.txt"))
    answer = adapter.check() if wanted == "check" else adapter.apply([removal("alice@example.org")])[0]
    assert (answer.outcome, "is no regular file" in answer.detail) == (Outcome.REFUSED, True)
    assert (tmp_path / "dead.txt").is_fifo()


def test_a_cell_that_is_left_open_is_refused_and_nothing_is_lost_in_it(tmp_path: Path) -> None:
    path = tmp_path / "dead.csv"
    path.write_text('address,note\nold@example.net,"5 inch\n')
    (answer,) = SuppressionFile(str(path)).apply([removal("alice@example.org")])
    assert answer.outcome is Outcome.REFUSED
    assert path.read_text() == 'address,note\nold@example.net,"5 inch\n'

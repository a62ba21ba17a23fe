from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from dsnparse.errors import SourceError
from dsnparse.sources import Found, Unreadable, check, read_path
from dsnparse.sources.base import MAX_READ

if TYPE_CHECKING:
    from pathlib import Path


def sources(path: Path) -> list[str]:
    return [item.source for item in read_path(str(path))]


def test_a_file_is_one_mail_with_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"mail")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert list(read_path(str(path))) == [Found(source=str(path), raw=b"mail", time=1_700_000_000)]


def test_every_regular_file_below_a_folder_in_the_order_of_names_without_dotfiles(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a", "c/d/e", ".git/config", "b/.hidden"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "fifo")
    assert sources(tmp_path) == [str(tmp_path / name) for name in ("a", "b/1", "b/2", "c/d/e")]


def test_a_mail_below_many_folders_is_found(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*("d" * 300))
    deep.mkdir(parents=True)
    (deep / "mail").write_bytes(b"mail")
    assert sources(tmp_path) == [str(deep / "mail")]


def test_a_named_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mail")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    check(str(tmp_path / "link"))
    assert [item.raw for item in read_path(str(tmp_path / "link")) if isinstance(item, Found)] == [b"mail"]


def test_a_file_that_vanishes_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"mail")
    items = read_path(str(tmp_path))
    first = next(items)
    (tmp_path / "b").unlink()
    rest = list(items)
    assert [type(item) for item in (first, *rest)] == [Found, Unreadable, Found]
    assert rest[0] == Unreadable(source=str(tmp_path / "b"), why="No such file or directory")


def test_a_file_that_turns_into_a_link_is_not_read(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"mail")
    items = read_path(str(tmp_path))
    next(items)
    (tmp_path / "b").unlink()
    (tmp_path / "b").symlink_to("/etc/passwd")
    assert [type(item) for item in items] == [Unreadable]


def test_no_more_of_a_file_is_read_than_the_reader_takes(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(MAX_READ + 10)
    (item,) = read_path(str(path))
    assert isinstance(item, Found)
    assert len(item.raw) == MAX_READ


def test_standard_input_is_one_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"From x\nmail")))
    assert list(read_path("-")) == [Found(source="-", raw=b"From x\nmail")]


def test_standard_input_may_be_an_mbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"From x\nA: 1\n\n\nFrom x\nA: 2\n")))
    assert [(item.index, item.raw) for item in read_path("-", as_mbox=True) if isinstance(item, Found)] == [
        (0, b"A: 1\n\n\n"),
        (1, b"A: 2\n"),
    ]


def test_an_mbox_is_known_by_its_name_or_by_the_users_word(tmp_path: Path) -> None:
    two = b"From x\nA: 1\n\nFrom x\nA: 2\n"
    for name in ("a.mbox", "B.MBOX", "c"):
        (tmp_path / name).write_bytes(two)
    assert len(sources(tmp_path)) == 5
    assert len(list(read_path(str(tmp_path), as_mbox=True))) == 6
    assert len(list(read_path(str(tmp_path / "c")))) == 2  # named by the user, and begins as an mbox does


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere: No such file or directory"):
        check(str(tmp_path / "nowhere"))


def test_a_fifo_a_device_and_a_null_byte_are_no_mail(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (str(tmp_path / "fifo"), "/dev/null", "a\0b"):
        with pytest.raises(SourceError):
            check(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0)
    (tmp_path / "folder").mkdir(mode=0)
    for name in ("file", "folder"):
        with pytest.raises(SourceError, match="Permission denied"):
            check(str(tmp_path / name))
    assert [type(item) for item in read_path(str(tmp_path))] == [Unreadable, Unreadable]


def test_a_maildir_whose_new_cannot_be_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()

    def scandir(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(SourceError, match="Permission denied"):
        check(str(tmp_path))
    assert list(read_path(str(tmp_path))) == [Unreadable(source=str(tmp_path / "new"), why="Permission denied")]


def test_an_empty_maildir_is_a_store_without_mail_and_an_empty_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is an empty folder"):
        check(str(tmp_path))
    (tmp_path / "new").mkdir()
    check(str(tmp_path))
    assert list(read_path(str(tmp_path))) == []


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SourceError, match="standard input is closed"):
        check("-")

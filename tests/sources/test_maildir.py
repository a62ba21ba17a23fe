from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dsnparse.sources import Found, Unreadable, move_to_cur, read_path
from tests.pipeline.mails import maildir, names

if TYPE_CHECKING:
    from pathlib import Path


def found(path: Path | str) -> list[Found]:
    items = list(read_path(str(path)))
    assert not [item for item in items if isinstance(item, Unreadable)]
    return [item for item in items if isinstance(item, Found)]


def test_new_and_cur_are_read_and_tmp_is_left_alone(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "md", {"2": b"two"})
    (folder / "cur" / "1:2,S").write_bytes(b"one")
    (folder / "tmp" / "3").write_bytes(b"half a ma")
    (folder / "dovecot.index").write_bytes(b"no mail")
    assert [(item.raw, item.new) for item in found(folder)] == [(b"one", False), (b"two", True)]


@pytest.mark.parametrize("only", ["new", "cur"])
def test_a_folder_with_one_of_the_two_is_a_maildir(tmp_path: Path, only: str) -> None:
    (tmp_path / only).mkdir()
    (tmp_path / only / "1").write_bytes(b"mail")
    (tmp_path / "other").write_bytes(b"no mail")
    assert [item.raw for item in found(tmp_path)] == [b"mail"]


def test_a_maildir_below_a_folder_is_one_too(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "lists" / "news", {"1": b"mail"})
    (folder / "tmp" / "2").write_bytes(b"half")
    assert [item.source for item in found(tmp_path)] == [str(folder / "new" / "1")]


def test_the_source_is_the_argument_joined_with_the_path_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maildir(tmp_path / "md", {"1": b"mail"})
    monkeypatch.chdir(tmp_path)
    assert [item.source for path in ("md", "./md", "md/") for item in found(path)] == [
        "md/new/1",
        "./md/new/1",
        "md/new/1",
    ]


def test_names_are_in_order(tmp_path: Path) -> None:
    folder = maildir(tmp_path, {name: name.encode() for name in ("3", "1", "2")})
    assert [item.raw for item in found(folder)] == [b"1", b"2", b"3"]


def test_a_folder_larger_than_what_is_sorted_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsnparse.sources.base._SORTED", 5)
    folder = maildir(tmp_path, {str(number): str(number).encode() for number in range(20)})
    assert sorted(int(item.raw) for item in found(folder)) == list(range(20))


def test_a_large_maildir_starts_before_all_its_names_were_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsnparse.sources.base._SORTED", 5)
    folder = maildir(tmp_path, {str(number): b"mail" for number in range(20)})
    items = read_path(str(folder))
    assert next(items)
    for path in (folder / "new").iterdir():
        path.unlink()
    assert len(list(items)) < 19


def test_a_mail_that_another_reader_moves_meanwhile_is_no_error(tmp_path: Path) -> None:
    folder = maildir(tmp_path, {"1": b"one", "2": b"two"})
    items = read_path(str(folder))
    assert isinstance(next(items), Found)
    (folder / "new" / "2").rename(folder / "cur" / "2:2,S")
    assert list(items) == []


def test_links_fifos_and_dotfiles_are_no_mails(tmp_path: Path) -> None:
    folder = maildir(tmp_path / "md", {"1": b"mail", ".hidden": b"no mail"})
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (folder / "new" / "2").symlink_to(secret)
    os.mkfifo(folder / "new" / "3")
    (folder / "new" / "4").mkdir()
    assert [item.raw for item in found(folder)] == [b"mail"]


def test_a_mail_moves_to_cur_with_the_info_suffix_and_without_a_flag(tmp_path: Path) -> None:
    folder = maildir(tmp_path, {"1.a.host": b"mail"})
    assert move_to_cur(str(folder / "new" / "1.a.host")) == str(folder / "cur" / "1.a.host:2,")
    assert names(folder / "new") == []
    assert (folder / "cur" / "1.a.host:2,").read_bytes() == b"mail"


def test_flags_that_are_there_stay(tmp_path: Path) -> None:
    folder = maildir(tmp_path, {"1:2,F": b"mail"})
    move_to_cur(str(folder / "new" / "1:2,F"))
    assert names(folder / "cur") == ["1:2,F"]


def test_cur_is_made_where_git_did_not_keep_it(tmp_path: Path) -> None:
    folder = maildir(tmp_path, {"1": b"mail"})
    (folder / "cur").rmdir()
    (folder / "new").chmod(0o750)
    move_to_cur(str(folder / "new" / "1"))
    assert (folder / "cur").stat().st_mode & 0o777 == 0o750


def test_another_mail_of_that_name_is_never_overwritten(tmp_path: Path) -> None:
    folder = maildir(tmp_path, {"1": b"new"})
    (folder / "cur" / "1:2,").write_bytes(b"old")
    with pytest.raises(FileExistsError, match="another mail"):
        move_to_cur(str(folder / "new" / "1"))
    assert (folder / "cur" / "1:2,").read_bytes() == b"old"
    assert (folder / "new" / "1").read_bytes() == b"new"

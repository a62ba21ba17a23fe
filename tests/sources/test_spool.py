from __future__ import annotations

import errno
import io
import os
import threading
from typing import TYPE_CHECKING

import pytest

from dsnparse.errors import SourceError
from dsnparse.sources import Found, read_path
from dsnparse.sources.spool import default_spool, deliver
from tests.pipeline.mails import names

if TYPE_CHECKING:
    from pathlib import Path

MAIL = b"Received: by mail.example.org\r\nFrom: x@example.net\n\n\xff\x00 8-bit \r and \n.\n"


def put(folder: Path, raw: bytes, recipient: str | None = None) -> bytes:
    """Return what lies in the spool after a mail came."""
    with open(deliver(io.BytesIO(raw), str(folder), recipient=recipient), "rb") as stream:  # noqa: PTH123
        return stream.read()


def modes(folder: Path) -> set[tuple[bool, int]]:
    return {(path.is_dir(), path.stat().st_mode & 0o7777) for path in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (MAIL, MAIL),
        (b"From MAILER-DAEMON Mon Jan  5 09:00:00 2026\n" + MAIL, MAIL),
        (b"From x\r\n" + MAIL, MAIL),
        (b"From x\nFrom y\n" + MAIL, b"From y\n" + MAIL),
        (b"From : x@example.net\n\n", b"From : x@example.net\n\n"),
        (b"From \t: x@example.net\n\n", b"From \t: x@example.net\n\n"),
        (b"From without an end of the line", b"From without an end of the line"),
        (b"From " + b"x" * 70_000 + b"\n\n", b"From " + b"x" * 70_000 + b"\n\n"),
        (b"From " + b"x" * 65_530 + b"\n" + MAIL, MAIL),
        (b"\n\n", b"\n\n"),
        (b"x", b"x"),
    ],
)
def test_a_mail_lies_in_the_spool_as_it_came_but_for_the_separator_line(
    tmp_path: Path, raw: bytes, kept: bytes
) -> None:
    assert put(tmp_path / "spool", raw) == kept


def test_what_was_taken_is_new_mail_of_a_maildir(tmp_path: Path) -> None:
    deliver(io.BytesIO(MAIL), str(tmp_path))
    (found,) = read_path(str(tmp_path))
    assert isinstance(found, Found)
    assert (found.raw, found.new) == (MAIL, True)
    assert names(tmp_path / "tmp") == names(tmp_path / "cur") == []


def test_the_recipient_of_the_envelope_stands_above_all(tmp_path: Path) -> None:
    assert put(tmp_path, MAIL, "b+x@example.org") == b"Delivered-To: b+x@example.org\n" + MAIL


@pytest.mark.parametrize("mask", [0, 0o022, 0o777])
def test_the_spool_is_its_owners_only_whatever_the_umask_is(tmp_path: Path, mask: int) -> None:
    old = os.umask(mask)
    try:
        deliver(io.BytesIO(MAIL), str(tmp_path / "state" / "dsnparse" / "spool"))
    finally:
        os.umask(old)
    assert modes(tmp_path / "state") == {(True, 0o700), (False, 0o600)}


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "spool" / "new").mkdir(parents=True)
    (tmp_path / "spool").chmod(0o750)
    deliver(io.BytesIO(MAIL), str(tmp_path / "spool"))
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("raw", [b"", b"From x Mon Jan  5 09:00:00 2026\n"])
def test_no_mail_is_an_error_and_leaves_nothing(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(SourceError, match="no mail came"):
        deliver(io.BytesIO(raw), str(tmp_path))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_mails_that_come_at_once_have_names_of_their_own(tmp_path: Path) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(deliver(io.BytesIO(MAIL), str(tmp_path / "spool"))))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(names(tmp_path / "spool" / "new")) == 20


def test_a_hosts_name_makes_no_path_and_no_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((real.sysname, "../a:2,S", *tuple(real)[2:])))
    deliver(io.BytesIO(MAIL), str(tmp_path))
    (name,) = names(tmp_path / "new")
    assert name.endswith("...\\057a\\0722,S")


class Ending(io.BytesIO):
    """A mail whose source breaks off in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


def test_a_mail_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output"):
        deliver(Ending(MAIL), str(tmp_path))
    assert names(tmp_path / "new") == names(tmp_path / "tmp") == []


def failing(name: str, after: int) -> object:
    """Return an `os` of which one function fails, but for some calls before."""
    real, left = getattr(os, name), [after]

    def fail(*args: object) -> object:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        return real(*args)

    return type("os", (), {**{key: staticmethod(v) if callable(v) else v for key, v in vars(os).items()}, name: fail})


@pytest.mark.parametrize("name", ["fsync", "rename", "open", "mkdir"])
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("dsnparse.sources.spool.os", failing(name, 0))
    with pytest.raises(OSError, match="No space left"):
        deliver(io.BytesIO(MAIL), str(tmp_path / "spool"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_the_name_cannot_be_forced_to_the_disk_the_mail_is_not_called_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(io.BytesIO(MAIL), str(tmp_path))
    monkeypatch.setattr("dsnparse.sources.spool.os", failing("fsync", 1))  # of the file, not of the folder
    with pytest.raises(OSError, match="No space left"):
        deliver(io.BytesIO(MAIL), str(tmp_path))
    assert len(names(tmp_path / "new")) == 2  # it lies there, and comes again


class Large(io.RawIOBase):
    """A mail of 16 MiB that is never in memory as a whole."""

    def __init__(self) -> None:
        self.left = 16 << 20

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        size = min(len(buffer), self.left)
        buffer[:size] = b"x" * size
        self.left -= size
        return size


def test_a_mail_of_any_size_is_copied_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Watched(io.BufferedReader):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size or 0)
            return super().read(size)

    monkeypatch.setattr("dsnparse.sources.spool.os.fsync", lambda _: None)
    path = deliver(Watched(Large()), str(tmp_path))
    assert os.stat(path).st_size == 16 << 20  # noqa: PTH116 - a string
    assert set(sizes) == {65_536}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return tmp_path


def test_the_spool_lies_beside_the_ledger(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_spool() == f"{home}/.local/state/dsnparse/spool"
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert default_spool() == "/var/state/dsnparse/spool"


def test_a_link_in_place_of_the_spools_folder_for_new_mail_is_followed_by_nobodys_name(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "tmp").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match=r"No such file|File exists|Not a directory"):
        deliver(io.BytesIO(MAIL), str(tmp_path / "spool"))
    assert not (tmp_path / "nowhere").exists()

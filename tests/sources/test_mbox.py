from __future__ import annotations

import io
import mailbox
from typing import TYPE_CHECKING

import pytest

from dsnparse.sources import mbox
from dsnparse.sources.base import MAX_READ

if TYPE_CHECKING:
    from pathlib import Path

FROM = b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n"


def split(data: bytes) -> list[bytes]:
    return list(mbox.split(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("data", "mails"),
    [
        (b"", []),
        (b"\n\n", []),
        (FROM + b"A: 1\n\none\n", [b"A: 1\n\none\n"]),
        (b"\n" + FROM + b"A: 1\n\none\n", [b"A: 1\n\none\n"]),
        (FROM + b"A: 1\n\none\n\n" + FROM + b"A: 2\n\ntwo\n", [b"A: 1\n\none\n\n", b"A: 2\n\ntwo\n"]),
        (FROM + b"A: 1\r\n\r\none\r\n\r\n" + FROM + b"A: 2\r\n", [b"A: 1\r\n\r\none\r\n\r\n", b"A: 2\r\n"]),
        (b"From x\nA: 1\n\n\nFrom x\nA: 2\n", [b"A: 1\n\n\n", b"A: 2\n"]),  # no date, but a header comes next
        (FROM + FROM + b"A: 1\n", [FROM + b"A: 1\n"]),  # no empty line between them: part of the mail
        (FROM + b"\nno header\n", [b"\nno header\n"]),
        (b"A: 1\n\nnot an mbox\n", [b"A: 1\n\nnot an mbox\n"]),
        (b"A: 1\n\nbefore\n\n" + FROM + b"A: 2\n", [b"A: 1\n\nbefore\n\n", b"A: 2\n"]),
        (FROM + b"A: 1\n\none\n\n" + FROM, [b"A: 1\n\none\n\n", b""]),
    ],
)
def test_mails_are_parted_at_their_from_lines(data: bytes, mails: list[bytes]) -> None:
    assert split(data) == mails


@pytest.mark.parametrize(
    "body",
    [
        b"one\n\nFrom here on it is prose\nand more\n",
        b"one\nFrom MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",  # no empty line before
        b"one\n\n From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
    ],
)
def test_a_sentence_that_begins_with_from_parts_nothing(body: bytes) -> None:
    assert split(FROM + b"A: 1\n\n" + body) == [b"A: 1\n\n" + body]


def test_a_quoted_from_loses_one_mark() -> None:
    assert split(FROM + b"A: 1\n\n>From x\n>>From y\n> From z\n") == [b"A: 1\n\nFrom x\n>From y\n> From z\n"]


def test_what_the_standard_library_writes_comes_back(tmp_path: Path) -> None:
    mails = [b"Subject: 1\n\nFrom the start\n\nFrom the end\n", b"Subject: 2\n\ntwo\n"]
    box = mailbox.mbox(tmp_path / "box")
    for mail in mails:
        box.add(mail)
    box.close()
    with (tmp_path / "box").open("rb") as stream:
        assert [mail.rstrip(b"\n") for mail in mbox.split(stream)] == [mail.rstrip(b"\n") for mail in mails]


def test_a_line_longer_than_what_is_read_at_once_stays_whole() -> None:
    body = b"A: 1\n\n" + b"x" * 200_000 + b"\n\n"
    assert split(FROM + body + FROM + b"A: 2\n") == [body, b"A: 2\n"]
    odd = b"A: 1\n\n" + b"x" * 65_536 + b"From x 12:00\nA: 3\n"  # no line begins there
    assert split(FROM + odd) == [odd]


def test_no_more_of_a_mail_is_kept_than_the_reader_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "MAX_READ", 10)
    assert [len(mail) for mail in split(FROM + b"A: 1\n\n" + b"x" * 100 + b"\n\n" + FROM + b"A: 2\n")] == [10, 5]
    assert MAX_READ > 10

from __future__ import annotations

import email
from email.message import Message as StdlibMessage
from typing import TYPE_CHECKING

import pytest

from dsnparse import message
from dsnparse.text import limits
from dsnparse.text.decode import normalise_line_ends
from dsnparse.text.header import read_header
from tests.conftest import FIXTURES
from tests.message.damage import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsnparse.model import Defect
    from dsnparse.text.header import Header

REPORT = b"""Return-Path: <>
From: MAILER-DAEMON@mx.example.org
Subject: =?utf-8?Q?Nicht_zugestellt?=
Content-Type: multipart/report; report-type="delivery-status"; boundary="a b"

preamble

--a b
Content-Type: text/plain; charset=utf-8

The mail could not be delivered.

--a b\x20\x20
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

--a b
Content-Type: message/rfc822

Subject: first
Content-Type: multipart/mixed; boundary=inner

--inner

inside
--inner--
--a b--
epilogue
"""

LOST = b"--found\nContent-Type: message/delivery-status\n\nb\n--found--\n"


def types(raw: bytes) -> list[str]:
    return [part.content_type for part in message.read(raw).parts]


def codes(raw: bytes) -> list[str]:
    return [defect.code for defect in message.read(raw).defects]


def test_a_report_has_three_parts_and_the_returned_mail_is_not_taken_apart() -> None:
    mail = message.read(REPORT)
    assert [part.content_type for part in mail.parts] == ["text/plain", "message/delivery-status", "message/rfc822"]
    assert mail.notice == "The mail could not be delivered.\n"
    assert mail.returned is mail.parts[2]
    assert mail.header.get("subject") == "Nicht zugestellt"
    assert mail.defects == []


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r", b"\r\r\n"])
def test_line_ends_make_no_difference(line_end: bytes) -> None:
    mail = message.read(REPORT.replace(b"\n", line_end))
    assert [part.body for part in mail.parts] == [part.body for part in message.read(REPORT).parts]


@pytest.mark.parametrize("front", [b"\n", b"\r\n\r\n", b"From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n", b"\nFrom x\n"])
def test_blank_lines_and_the_mbox_line_in_front_are_passed_over(front: bytes) -> None:
    assert message.read(front + REPORT).header.get("from") == "MAILER-DAEMON@mx.example.org"


@pytest.mark.parametrize(
    ("raw", "content_types", "defects"),
    [
        (b"", ["text/plain"], []),
        (b"no header at all", ["text/plain"], []),
        (b"Content-Type: multipart/mixed\n\nwords", ["text/plain"], ["multipart_without_boundary"]),
        (b"Content-Type: multipart/mixed; boundary=x\n\nwords", ["text/plain"], ["boundary_not_found"]),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n", ["text/plain"], ["boundary_not_closed"]),
        (b"Content-Type: nonsense\n\n", ["text/plain"], []),
        (b"Content-Type: /plain\n\n", ["text/plain"], []),
        (b"Content-Type: TEXT/Html; charset\n\n", ["text/html"], []),
        (
            b"Content-Type: multipart/report; boundary=lost\n\n--found\nContent-Type: text/plain\n\na\n" + LOST,
            ["text/plain", "message/delivery-status"],
            ["boundary_not_found"],
        ),
        (b"Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\n--x--\n", ["message/rfc822"], []),
    ],
)
def test_damaged_mime_is_read_as_far_as_it_goes(raw: bytes, content_types: list[str], defects: list[str]) -> None:
    assert types(raw) == content_types
    assert codes(raw) == defects


def test_a_boundary_that_begins_another_one_does_not_end_its_part() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--xy\nb\n--x\n\nc\n--x--\n"
    assert [part.body for part in message.read(raw).parts] == [b"a\n--xy\nb", b"c"]


def test_nesting_beyond_the_limit_is_a_defect_and_no_recursion() -> None:
    levels = 10_000
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels))
    assert codes(head + b"\nwords") == ["boundary_not_closed"] * limits.MAX_DEPTH + ["nested_too_deep"]


def test_parts_beyond_the_limit_are_a_defect() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * (limits.MAX_PARTS + 5) + b"--x--\n"
    assert len(types(raw)) == limits.MAX_PARTS
    assert codes(raw) == ["too_many_parts"]


def test_a_header_beyond_the_limit_is_cut_at_a_line_and_the_body_stands() -> None:
    raw = b"Subject: first\n" + b"X-Fill: y\n" * limits.MAX_HEADER_BYTES + b"\nbody"
    mail = message.read(raw)
    assert mail.header.get("subject") == "first"
    assert [defect.code for defect in mail.defects] == ["header_too_long"]
    assert mail.parts[0].body == b"body"


def test_a_mail_beyond_the_limit_is_read_up_to_it() -> None:
    mail = message.read(b"Subject: a\n\n" + b"x" * 100, limits.Limits(message_bytes=40))
    assert mail.parts[0].body == b"x" * 28
    assert [defect.code for defect in mail.defects] == ["message_too_large"]


def test_header_names_have_any_case_and_the_first_field_wins() -> None:
    header = message.read(b"SUBJECT: one\nsubject: two\n\n").header
    assert header.get("Subject") == "one"
    assert header.all("subject") == ("one", "two")
    assert header.get("date") is None
    assert list(header) == ["subject"]


def test_html_is_read_only_where_no_plain_text_stands() -> None:
    head = b"Content-Type: multipart/alternative; boundary=x\n\n--x\n\nplain\n"
    both = head + b"--x\nContent-Type: text/html\n\n<p>rich\n--x--"
    assert message.read(both).notice == "plain"
    assert message.read(b"Content-Type: text/html\n\n<p>rich <b>text</b>").notice == "rich text"


def leaves(mail: StdlibMessage) -> Iterator[StdlibMessage]:
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in mail.get_payload():
            assert isinstance(part, StdlibMessage)
            yield from leaves(part)
    else:
        yield mail


def assert_like_stdlib(raw: bytes) -> None:
    """Compare our leaves with those of the stdlib's walk, byte for byte, wherever the mail's MIME is sound."""
    data = normalise_line_ends(raw).lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2].lstrip(b"\n")
    ours = message.read(raw)
    stopped = {"boundary_not_found", "multipart_without_boundary"}  # the stdlib: we go on by the boundary in the body
    stopped |= {"nested_too_deep", "too_many_parts", "message_too_large", "header_too_long"}  # we: a limit
    if any(defect.code in stopped for defect in ours.defects):
        return
    theirs = list(leaves(email.message_from_bytes(data)))
    assert [part.content_type for part in ours.parts] == [part.get_content_type().split()[0] for part in theirs]
    for part, other in zip(ours.parts, theirs, strict=True):
        payload = other.get_payload(decode=True)
        if isinstance(payload, bytes) and other.get("content-transfer-encoding", "").lower() in {"", "7bit", "8bit"}:
            assert part.body.rstrip(b"\n") == payload.rstrip(b"\n")
        assert [name.lower() for name in other] == [name.lower() for name in other if name in part.header]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/*.eml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_fixture_splits_as_the_stdlib_walks(path: Path) -> None:
    assert_like_stdlib(path.read_bytes())


def test_damaged_fixtures_split_as_the_stdlib_walks() -> None:
    mails = [path.read_bytes() for path in sorted(FIXTURES.glob("*/*.eml"))]
    for seed, mail in enumerate(mail for mail in mails if len(mail) < 30_000):
        assert_like_stdlib(damaged(mail, seed))


@pytest.mark.corpus
def test_every_corpus_mail_splits_as_the_stdlib_walks(corpus: Path) -> None:
    for seed, path in enumerate(sorted((corpus / "dev" / "mails").glob("*/*"))):
        mail = path.read_bytes()
        assert_like_stdlib(mail)
        if len(mail) < 30_000:
            assert_like_stdlib(damaged(mail, seed))


def test_boundary_lines_in_a_row_are_one() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n\na\n--x\n--x\n\nb\n--x--\n"
    assert [part.body for part in message.read(raw).parts] == [b"a", b"b"]


def test_the_header_of_a_mail_is_read_once_and_that_of_a_returned_mail_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[int] = []

    def spy(data: bytes, start: int, end: int, limits: limits.Limits) -> tuple[Header, int, tuple[Defect, ...]]:
        starts.append(start)
        return read_header(data, start, end, limits)

    monkeypatch.setattr(message, "read_header", spy)
    message.read(REPORT)
    assert len(starts) == len(set(starts)) == 4
    assert max(starts) < REPORT.index(b"Subject: first")

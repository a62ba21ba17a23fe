from __future__ import annotations

import re
from email.parser import HeaderParser
from typing import TYPE_CHECKING

import pytest

from dsnparse.text.decode import normalise_line_ends
from dsnparse.text.header import Header, read_header
from dsnparse.text.limits import Limits
from tests.conftest import FIXTURES
from tests.message.damage import damaged

if TYPE_CHECKING:
    from pathlib import Path


def assert_like_stdlib(mail: bytes) -> None:
    """Compare a header section with what the stdlib's parser (compat32) makes of it: names, values, where it ends."""
    data = normalise_line_ends(mail)
    header, body, reached = read_header(data, 0, len(data))
    theirs = HeaderParser().parsestr(data.decode("latin-1"))
    fields = [(name, str(value).lstrip("\n")) for name, value in theirs.raw_items()]  # as newer versions do
    assert list(header) == list(dict.fromkeys(name.lower() for name, _ in fields))
    for name in header:
        values = [value for known, value in fields if known.lower() == name]
        assert (header.raw(name) or "").lstrip("\n") == values[0]
        assert header.all(name) == Header([(name, value) for value in values]).all(name)
    left = theirs.get_payload()
    assert isinstance(left, str)
    # Behind a `From ` line at the end of a section the stdlib loses the blank line.
    assert data[body:].decode("latin-1").replace("\n", "") == left.replace("\n", "")
    assert reached == ()


@pytest.mark.parametrize(
    "section",
    [
        b"",
        b"\n\nbody",
        b"A: 1",
        b"A: 1\nB: 2\n\nbody\n\nmore",
        b"A:1\nA: 2\na:3\n\n",
        b"A:\n folded\n\tand again\nB: 2\n\n",
        b"A: 1\n \n\t\nB: 2\n\n",
        b"A: \t 1 \t \nB:\t\n\n",
        b" folded first\nA: 1\n\n",
        b"A: 1\nno field\nB: 2\n\nbody",
        b"A: 1\nno field",
        b": no name\nA: 1\n\n",
        b"A: 1\n: no name\n folded\nB: 2\n\n",
        b"From alice\nA: 1\n\nbody",
        b"A: 1\nFrom alice\nB: 2\n\nbody",
        b"A: 1\nFrom alice\n\nbody",
        b"From alice",
        b"From: alice\nFrom : bob\n\n",
        b">From alice\nA: 1\n\n",
        b"A b: 1\nC: 2\n\n",
        b"\xc3\xa9: 1\nC: 2\n\n",
        b"A: \xff\xfe\x00\x0b\x0c\x1c\x85\nB: 2\n\n",
        b"A\x00: 1\n\n",
        b"A\x7f: 1\n\n",
        b"http://example.org: 1\n\n",
        b"A:: 1\n\n",
        b"A" * 20_000,
        b"A" * 20_000 + b":\n\n",
    ],
)
def test_sections_of_every_shape_are_read_as_the_stdlib_reads_them(section: bytes) -> None:
    assert_like_stdlib(section)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/*.eml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_fixtures_sound_and_damaged_are_read_as_the_stdlib_reads_them(path: Path) -> None:
    mail = path.read_bytes()
    assert_like_stdlib(mail)
    for place in [found.end() for found in re.finditer(rb"\n\n|--[^\n]+\n", mail[:20_000])][:8]:
        assert_like_stdlib(mail[place:])
    for seed in range(4):
        assert_like_stdlib(damaged(mail, seed))
        assert_like_stdlib(damaged(mail[:1500], seed).replace(b"\n", b"\r\n"))


@pytest.mark.corpus
def test_the_corpus_sound_and_damaged_is_read_as_the_stdlib_reads_it(corpus: Path) -> None:
    for seed, path in enumerate(sorted((corpus / "dev" / "mails").glob("*/*"))):
        mail = path.read_bytes()
        assert_like_stdlib(mail)
        assert_like_stdlib(damaged(mail, seed))


def test_a_carriage_return_that_a_charset_brought_back_ends_a_line_too() -> None:
    header, _, _ = read_header(b"A: 1\rB: 2\n\n", 0, 12)
    assert header.get("b") == "2"


def test_a_section_ends_where_its_part_ends() -> None:
    data = b"A: 1\nB: 2\n\nbody"
    header, body, _ = read_header(data, 0, 6)
    assert list(header) == ["a"]
    assert body == 5
    header, body, _ = read_header(data, 5, len(data))
    assert list(header) == ["b"]
    assert data[body:] == b"body"


def test_equal_sections_of_parts_do_not_share_what_comes_behind_them() -> None:
    data = b"A: 1\n\none\nA: 1\n\ntwo"
    assert [data[read_header(data, start, len(data))[1] :] for start in (0, 10)] == [b"one\nA: 1\n\ntwo", b"two"]


def test_fields_and_sections_beyond_the_limits_are_cut_and_told() -> None:
    limits = Limits(header_field=10, header_bytes=40)
    long = b"A: " + b"x" * 20 + b"\nB: 2\n\n"
    header, body, reached = read_header(long, 0, len(long), limits)
    assert (header.raw("a"), header.raw("b"), body) == ("x" * 10, "2", len(long))
    assert [(one.code, one.detail) for one in reached] == [("header_field_too_long", "a")]
    many = b"A: 1\n" * 20 + b"\nbody"
    header, body, reached = read_header(many, 0, len(many), limits)
    assert (len(header.all("a")), many[body:]) == (8, b"body")
    assert [(one.code, one.detail) for one in reached] == [("header_too_long", "over 40 bytes")]


@pytest.mark.parametrize(
    ("value", "kind", "params"),
    [
        (None, "message/rfc822", {}),
        ("", "message/rfc822", {}),
        ("Text/HTML; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        ('multipart/mixed; boundary="a \\"b\\\\c"; boundary=second', "multipart/mixed", {"boundary": 'a "b\\c'}),
        ("multipart/mixed;\n\tboundary=a_b ; x=", "multipart/mixed", {"boundary": "a_b", "x": ""}),
        ('text/plain; charset="never closed', "text/plain", {"charset": '"never closed'}),
        ("nonsense; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("charset=utf-8", "text/plain", {}),
    ],
)
def test_content_types(value: str | None, kind: str, params: dict[str, str]) -> None:
    header = Header([] if value is None else [("Content-Type", value)])
    assert header.content("message/rfc822") == (kind, params)
    assert header.content("message/rfc822") == (kind, params)


@pytest.mark.parametrize("piece", ["; a=", '; a="', "b\\", "b\\x", '"', ";", " "])
def test_a_content_type_takes_linear_time(piece: str) -> None:
    header = Header([("Content-Type", 'multipart/mixed; boundary="' + piece * 50_000)])
    assert header.content()[0] == "multipart/mixed"

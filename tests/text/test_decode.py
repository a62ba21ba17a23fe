from __future__ import annotations

import base64

import pytest

from dsnparse.text.decode import decode_charset, decode_header, decode_transfer, normalise_line_ends, one_line


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"a\r\nb\r\n", b"a\nb\n"),
        (b"a\rb\r", b"a\nb\n"),
        (b"a\r\rb", b"a\n\nb"),
        (b"a\nb", b"a\nb"),
        (b"a\r\r\nb\r\r\r\nc", b"a\nb\nc"),
        (b"a\r\nb\rc\nd", b"a\nb\nc\nd"),
        (b"", b""),
    ],
)
def test_every_kind_of_line_end_becomes_one_newline(raw: bytes, lines: bytes) -> None:
    assert normalise_line_ends(raw) == lines


@pytest.mark.parametrize(
    ("body", "encoding", "decoded"),
    [
        (b"5=2E1=\n.1", "quoted-printable", b"5.1.1"),
        (base64.encodebytes(b"Action: failed\n" * 9), "BASE64 ", b"Action: failed\n" * 9),
        (b"QWN0aW9u", "base64", b"Action"),
        (b"QWN0aW9uOg", "base64", b"Action:"),  # the padding is missing
        (b"QWN0aW9uOgQ", "base64", b"Action:\x04"),
        (b"QWN0\n-- \na footer?!", "base64", base64.b64decode("QWN0afooter=")),
        (b"=ZZ stays", "quoted-printable", b"=ZZ stays"),
        (b"plain", "7bit", b"plain"),
        (b"plain", None, b"plain"),
        (b"plain", "x-unknown", b"plain"),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_they_can_be(body: bytes, encoding: str | None, decoded: bytes) -> None:
    assert decode_transfer(body, encoding) == decoded


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Empfänger".encode(), None, "Empfänger"),
        ("Empfänger".encode("latin-1"), None, "Empfänger"),
        ("Empfänger".encode("latin-1"), "us-ascii", "Empfänger"),
        ("„quota“".encode("cp1252"), "iso-8859-1", "„quota“"),
        ("用户不存在".encode("gbk"), "gb2312", "用户不存在"),
        ("配信不能".encode("iso2022_jp"), "iso-2022-jp", "配信不能"),
        ("配信不能".encode("iso2022_jp"), None, "配信不能"),
        ("配信不能".encode("cp932"), "Shift_JIS", "配信不能"),
        ("사용자".encode("cp949"), "ks_c_5601-1987", "사용자"),
        ("ящик".encode("koi8-r"), '"koi8-r"', "ящик"),
        (b"plain", "no-such-charset", "plain"),
        (b"plain\xff", "no-such-charset", "plainÿ"),
        (b"bytes", "base64", "bytes"),  # a codec of Python's, and no charset
        (b"xn--80ak6aa92e", "idna", "xn--80ak6aa92e"),  # would take quadratic time on long input
        (b"plain", "x" * 5000, "plain"),
        (b"plain", "\0", "plain"),
    ],
)
def test_charsets_are_read_as_they_are_meant(data: bytes, charset: str | None, text: str) -> None:
    assert decode_charset(data, charset) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Undelivered\n  Mail", "Undelivered Mail"),
        ("=?utf-8?Q?Nicht_zugestellt?=", "Nicht zugestellt"),
        ("=?utf-8?B?dW56dXN0ZWxs?=\n =?utf-8?B?YmFy?= : Re", "unzustellbar : Re"),
        ("=?utf-8?B?5pyq?= =?utf-8?B?6YU=?=", "未\ufffd"),
        ("=?utf-8?B?A?=", "=?utf-8?B?A?="),  # one letter is no base64
        ("=?no-such?Q?caf=E9?=", "café"),
        ("Empf\xc3\xa4nger", "Empfänger"),  # UTF-8 without encoding, as the header reader hands it on
        ("Empf\xe4nger", "Empfänger"),
        ("a =?utf-8?Q?b=0Ac?= d", "a b c d"),
        ("", ""),
    ],
)
def test_header_values_come_out_as_people_read_them(value: str, text: str) -> None:
    assert decode_header(value) == text


def test_one_line_leaves_no_line_break_of_any_kind() -> None:
    assert one_line("a\r\n\tb\u2028c\x0bd  e ") == "a b c d e"

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from dsnparse.text.dates import parse_date
from dsnparse.text.html import html_to_text
from dsnparse.text.xtext import decode_utf8_address, decode_xtext


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        ("user+2Btag@example.org", "user+tag@example.org"),
        ("user+3Dname@example.org", "user=name@example.org"),
        ("two+20words@example.org", "two words@example.org"),
        ("user+AB@example.org", "user+AB@example.org"),  # a tag: +AB would stand for a byte that no address has
        ("user+41@example.org", "user+41@example.org"),  # "A" never needed encoding
        ("user+2b@example.org", "user+2b@example.org"),
        ("user+G1@example.org", "user+G1@example.org"),
        ("user+2B+tag@example.org", "user+2B+tag@example.org"),
        ("user+@example.org", "user+@example.org"),
        ("user+0A@example.org", "user+0A@example.org"),  # a line break would forge fields further on
        ("plain@example.org", "plain@example.org"),
    ],
)
def test_xtext_is_decoded_only_where_it_can_be_nothing_else(encoded: str, decoded: str) -> None:
    assert decode_xtext(encoded) == decoded


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        (r"p\x{EB}tr@example.org", "pëtr@example.org"),
        (r"\x{1F600}@example.org", "😀@example.org"),
        (r"a\x{2B}b@example.org", "a+b@example.org"),
        ("пётр@example.org", "пётр@example.org"),
        (r"\x{D800}@example.org", r"\x{D800}@example.org"),
        (r"\x{0A}@example.org", r"\x{0A}@example.org"),
        (r"\x{FFFFFF}@example.org", r"\x{FFFFFF}@example.org"),
        (r"\x{e9}@example.org", r"\x{e9}@example.org"),
    ],
)
def test_utf8_addresses_are_decoded_in_all_three_forms(encoded: str, decoded: str) -> None:
    assert decode_utf8_address(encoded) == decoded


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("Sun, 22 Nov 2026 10:00:00 +0100", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 10:00:00 GMT", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("22 Nov 26 10:00 +0000 (a comment)", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 10:00:00 -0000", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("yesterday", None),
        ("Sun, 99 Nov 2026 10:00:00 +0100", None),
        ("Sun, 22 Nov 99999 10:00:00 +0100", None),
        ("Sun, 22 Nov 2026 10:00:00 +9999999999", None),
        ("1 Jan 0000 00:00:00 +0000", datetime(2000, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates_are_read_or_given_up(value: str | None, date: datetime | None) -> None:
    assert parse_date(value) == date


PROPER = ["Sun, 22 Nov 2026 10:00:00 +0100", "2 Nov 2026 10:00:00 -0800 (PST)", "Mon, 01 Jan 1990 23:59:60 -0000"]


@pytest.mark.parametrize("value", PROPER)
def test_a_proper_date_is_what_the_stdlib_reads_in_it_whatever_is_damaged(value: str) -> None:
    def of_stdlib(text: str) -> datetime | None:
        try:
            date = parsedate_to_datetime(text[:100])
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return date.replace(tzinfo=date.tzinfo or UTC)

    dice = random.Random(value)  # noqa: S311 - a test's damage, no secret
    for _ in range(3_000):
        at = dice.randrange(len(value) + 1)
        piece = dice.choice([*" ,:+-()0123456789", "Jan", "GMT", "+2400", "  ", "Sept"])
        damaged = value[:at] + piece + value[at + dice.choice((0, 1, len(piece))) :]
        assert (parse_date(damaged), str(parse_date(damaged))) == (of_stdlib(damaged), str(of_stdlib(damaged)))


def test_a_date_keeps_its_zone() -> None:
    date = parse_date("Sun, 22 Nov 2026 10:00:00 +0530")
    assert date is not None
    assert date.utcoffset() == timedelta(hours=5, minutes=30)


def test_html_becomes_a_line_for_each_block() -> None:
    page = "<html><style>p{}</style><body><p>Delivery&nbsp;has <b>failed</b></p><td>to</td>a@example.org<br>&lt;550&gt;"
    assert html_to_text(page) == "Delivery has failed\nto\na@example.org\n<550>"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a <alice@example.org> b", "a <alice@example.org> b"),
        ("a <!-- <p>hidden --> b", "a b"),
        ("a<style>p{}</style>b<SCRIPT>1<2</Script >c", "abc"),
        ("1 < 2 &amp;lt; 3", "1 < 2 &lt; 3"),
        ("a<br/>b<hr>c<P class=x>d", "a\nb\nc\nd"),
        ("a<![broken", "a"),
        ("a<!DOCTYPE x [", "a"),
        ("a<script>never closed", "a"),
        ("a<p never closed", "a"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
        ("<" * 3000, "<" * 3000),
    ],
)
def test_odd_and_broken_html_is_read_as_far_as_it_is_text(page: str, text: str) -> None:
    assert html_to_text(page) == text


@pytest.mark.parametrize("shape", ["<a b='", "<!--", "<script>", "</", "<p <p ", "&#38", "<!"])
def test_html_is_read_in_linear_time(shape: str) -> None:
    times = []
    for size in (16_000, 64_000):
        page = shape * (size // len(shape))
        start = time.process_time()
        for _ in range(5):
            html_to_text(page)
        times.append(time.process_time() - start)
    assert times[1] < 10 * times[0] + 0.05  # four times the size; quadratic would be sixteen times as long

from __future__ import annotations

from tests.formats.document import BEGIN, PAGE, page, rows


def test_the_table_of_formats_is_current() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_every_format_stands_in_the_table_once() -> None:
    text = PAGE.read_text("utf-8").partition(BEGIN)[2]
    for row in rows():
        assert text.count(f"\n| `{row['id']}` |") == 1

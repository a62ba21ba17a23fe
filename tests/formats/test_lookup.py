"""The short cuts find what a plain search finds."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import ClassVar

import pytest

from dsnparse.formats.data import words
from dsnparse.formats.lookup import Lookup
from dsnparse.formats.notice import Notice
from dsnparse.formats.phrases import places, says_failure, warns_only
from dsnparse.formats.registry import candidates, formats
from dsnparse.formats.told import Told
from tests.formats.mails import example

ROWS = tomllib.loads(files("dsnparse.formats").joinpath("formats.toml").read_text("utf-8"))["format"]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_every_format_whose_words_stand_in_a_notice_is_asked(row: dict[str, str]) -> None:
    notice = Notice(example(row))
    wanted = [one.name for one in formats() if not one.words or any(word in notice.flat for word in one.words)]
    assert [one.name for one in candidates(notice)] == wanted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("this is the end", {1}),
        ("xthis is they", {1}),
        ("this isx the", set()),
        ("unreachable", {2}),
        ("two words", {3}),
        ("\u672a\u80fd\u9001\u9054", {4}),
        ("", set()),
    ],
)
def test_a_phrase_is_found_wherever_it_stands(text: str, found: set[int]) -> None:
    lookup = Lookup([("this is the", 1), ("reach", 2), ("o wor", 3), ("\u80fd\u9001", 4)])
    assert set(lookup.find(text, frozenset(text.split()))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the (final) recipient: alice", [0, 2, 5]),
        ("non-final recipients: alice", [2, 3, 5]),
        ("final: recipient", [2, 5]),
        ("recipient;error=[550]", [1, 2, 5]),
        ("", [2]),
    ],
)
def test_phrases_with_signs_are_found_and_come_in_order(text: str, found: list[int]) -> None:
    phrases = [("(final) recipient:", 0), (";error=[", 1), ("", 2), ("l recipients:", 3), ("\xe9", 4), ("rec", 5)]
    assert list(Lookup(phrases).find(text, frozenset(text.split()))) == found


@pytest.mark.parametrize(
    "text", ["", "a", 'say "no" to-day', "see http://example.org/", "(quite) so", "q", "no sign here"]
)
def test_a_phrase_without_an_inner_word_is_found_by_its_signs(text: str) -> None:
    phrases = ["", '"no"', "to-day", "g/", "(quite)", "qu", "no sign", "e s", "org", "here"]
    lookup = Lookup((phrase, number) for number, phrase in enumerate(phrases))
    parted = frozenset(text.split())
    assert list(lookup.find(text, parted)) == [number for number, phrase in enumerate(phrases) if phrase in text]
    assert lookup.stands(text, parted)
    assert Lookup([("org", 0), ("two more words", 1)]).stands(text, parted) == ("org" in text)


@pytest.mark.parametrize("table", ["failure", "delayed", "warning_only"])
def test_every_phrase_of_the_general_tables_is_found(table: str) -> None:
    for phrase in words(table):
        text = f"x{phrase}y \t{phrase}"
        found = {text[start:end] for start, end in places(text, delays=table != "failure")}
        assert any(phrase in one or one in phrase for one in found)
        assert table != "failure" or says_failure(text)
        assert table != "warning_only" or warns_only(text, frozenset(text.split(" ")))


def test_who_stops_at_the_first_phrase_asks_for_no_other() -> None:
    class Text(str):
        __slots__ = ()
        asked: ClassVar[list[str]] = []

        def __contains__(self, phrase: str) -> bool:  # type: ignore[override]
            self.asked.append(phrase)
            return super().__contains__(phrase)

    text = Text("unknown user")
    assert next(Lookup([("user", 0), ("unknown", 1)]).find(text, frozenset(text.split()))) == 0
    assert text.asked == ["user"]


def test_a_failure_is_told_on_its_own_lines_and_around_them() -> None:
    told = Told(["Hello", "the name could not", "be found", "at all", "user unknown", "Bye", "", "Bye"])
    assert told.failure({1, 2})
    assert not told.failure({1})
    assert not told.failure({2})
    assert told.failure({4})
    assert [number for number in range(8) if told.around(number)] == [1, 2, 3, 4, 5]


def test_a_delay_is_no_failure_but_is_told_around_it() -> None:
    told = Told(["", "", "delivery has been delayed", "", ""])
    assert not told.failure({2})
    assert [number for number in range(5) if told.around(number)] == [1, 2, 3]

"""The index finds what a plain search finds, and always names the same words."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import dsnparse
from dsnparse.model import Reason
from dsnparse.status import builtin, firing
from dsnparse.status.index import Index, Phrases
from dsnparse.status.matching import Matcher
from dsnparse.status.rules import Rule, facts
from tests.status.replies import ALIVE, DEAD


def plain(rules: list[Rule], text: str) -> list[int]:
    """Return the rows of which a phrase of the first condition stands in the text, without any index."""
    asked = facts(text)
    found = []
    for number, rule in enumerate(rules):
        first = rule.signature or rule.any or rule.alone
        words = asked.raw if rule.signature else asked.words
        if first and any(
            phrase in words or (not phrase.isascii() and not phrase.startswith(" ") and phrase in asked.raw)
            for phrase in first
        ):
            found.append(number)
    return found


@pytest.mark.parametrize("text", [*DEAD, *ALIVE, *(rule.example for rule in builtin().rows)])
def test_the_index_finds_what_a_plain_search_finds(text: str) -> None:
    rules = [rule for rule in builtin().rows if not rule.in_order]
    assert [number for number, _ in Index(rules).candidates(facts(text))] == plain(rules, text)


def rule(*phrases: str, **more: object) -> Rule:
    base = Rule(id="mine", reason=Reason.VIRUS, any=phrases)
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "phrases", "found"),
    [
        ("no such user here", (" user ", " such user ", " no such user "), " no such user "),  # what says most
        ("no such user here", (" user here ", " such user "), " user here "),  # as long: what stands first in the row
        ("no such user here", (" such user ", " user here "), " such user "),
        ("no such users here", (" such user ", " such user"), " such user"),  # the end of the last word is open
        ("user such no", (" such user ", " no such "), None),
        ("temporarily", (" temporar",), " temporar"),
        ("a temporar", (" emporar",), None),
        ("such", (" such such ",), None),
        ("such such", (" such such ",), " such such "),
        ("\u7528\u6237\u4e0d\u5b58\u5728", ("\u4e0d\u5b58\u5728",), "\u4e0d\u5b58\u5728"),
    ],
)
def test_a_phrase_stands_where_its_words_do(text: str, phrases: tuple[str, ...], found: str | None) -> None:
    index = Index([rule(*phrases)])
    assert list(index.candidates(facts(text))) == ([] if found is None else [(0, found)])


def test_a_row_of_words_in_order_is_tried_only_where_they_all_may_stand() -> None:
    row = rule(in_order=((" user ", " mailbox "), (" does not exist ", " unknown ")))
    index = Index([row])
    assert [number for number, _ in index.candidates(facts("the user is unknown"))] == [0]
    assert not list(index.candidates(facts("the user is away")))
    assert Matcher(row).match(facts("the user is unknown"), "") == "user is unknown"
    assert Matcher(row).match(facts("unknown is the user"), "") is None
    assert Matcher(row).match(facts("an unknown sender"), "") is None


@pytest.mark.parametrize("text", [*DEAD, *ALIVE])
def test_phrases_stand_where_a_plain_search_finds_them(text: str) -> None:
    asked = facts(text)
    for row in (*builtin().rows, *builtin().vetoes):
        for phrases in filter(None, (row.none, *row.in_order)):
            assert indexed(phrases).standing(asked) == [phrase for phrase in phrases if phrase in asked.words]


@cache
def indexed(phrases: tuple[str, ...]) -> Phrases:
    return Phrases(phrases)


def test_phrases_of_scripts_that_do_not_separate_words_stand_anywhere() -> None:
    phrases = Phrases((" user ", "\u4e0d\u5b58\u5728", " us", "ser "))
    assert phrases.standing(facts("the user \u7528\u6237\u4e0d\u5b58\u5728")) == [
        " user ",
        "\u4e0d\u5b58\u5728",
        " us",
        "ser ",
    ]


def test_the_words_that_a_rule_names_do_not_hang_on_chance() -> None:
    text = "554 5.4.6 Hop count exceeded - possible mail loop"
    code = f"from dsnparse.status import firing; print(firing({text!r})[0].evidence)"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(dsnparse.__file__).parent.parent)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "1234"
    }
    assert said == {firing(text)[0].evidence.encode() + b"\n"}

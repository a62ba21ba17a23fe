"""Every regular expression of the package takes linear time on the worst texts that can be made from it."""

from __future__ import annotations

import ast
import re
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from dsnparse.trust.template import compiled
from tests.hostile.attacks import attacks
from tests.hostile.patterns import Use, calls, of_modules, of_tables

if TYPE_CHECKING:
    from tests.hostile.attacks import Attack

TINY, SMALL, MIDDLE, LARGE = 24, 1_000, 4_000, 16_000  # characters
TIMES: Final = 9  # between four, which is linear, and sixteen, which is quadratic
ENDLESS: Final = 0.05  # seconds on 24 characters
QUICK: Final = 0.0003  # seconds on 1,000 characters: what takes the square of them takes longer
SHOWN: Final = 1_900  # characters of a line, and of a sentence with its reason
MOST: Final = 0.1  # seconds for one of them; three seconds are what two blanks beside each other took
STALLED: Final = 0.25  # seconds on 1,000 characters: more than the square
NOTHING: Final = 0.02  # seconds that may come from elsewhere

# Functions that make a pattern of a row of a table; `of_tables` has what they make.
MAKERS: Final = {
    ("formats/returned.py", "_beginnings"),
    ("formats/template.py", "_compile"),
    ("formats/template.py", "phrase"),
    ("trust/template.py", "compiled"),  # has its own test below
    ("notices/settings.py", "is_bounce_address"),  # of the owner's return paths, for one address
}
# What is never shown a mail's words.
OWNERS: Final = {
    "dsnparse.notices.settings._BOUNCES",  # an address of the owner's settings
    "dsnparse.adapters.sql._TOKEN",  # a query of the owner's settings
    "dsnparse.adapters.couriermlm._MEMBER",  # a line that the owner's list manager printed
    "dsnparse.adapters.sympa._MEMBER",  # likewise
}
HARMLESS: Final = {"escape"}


def seconds(pattern: re.Pattern[Any], method: str, attack: Attack, size: int, *, runs: int = 1) -> float:
    """Return the least time that a method takes for an attack of that size."""
    text: Any = attack.text(size)
    empty: Any = ""
    if isinstance(pattern.pattern, bytes):
        text, empty = text.encode("latin-1", "replace"), b""
    arguments = (empty, text) if method in {"sub", "subn"} else (text,)
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        found = getattr(pattern, method)(*arguments)
        if method == "finditer":
            list(found)
        best = min(best, time.process_time() - start)
    return best


def fault(use: Use) -> str | None:
    """Return what is wrong with a pattern, with the text that shows it."""
    for method in sorted(use.methods):
        for attack in attacks(use.pattern):
            if seconds(use.pattern, method, attack, TINY) > ENDLESS:
                return f"{use.where}: {method} never ends on {attack}"
            small = seconds(use.pattern, method, attack, SMALL)
            if small < QUICK:
                continue
            if small > STALLED:
                return f"{use.where}: {method} takes {small:.3f} s for 1,000 characters: {attack}"
            middle = seconds(use.pattern, method, attack, MIDDLE, runs=2)
            large = seconds(use.pattern, method, attack, LARGE, runs=2)
            if large > NOTHING + TIMES * middle:
                return (
                    f"{use.where}: {method} takes {middle:.3f} s for 4,000 characters, {large:.3f} for 16,000: {attack}"
                )
    return None


@pytest.mark.parametrize("use", [use for use in of_modules() if use.where not in OWNERS], ids=lambda use: use.where)
def test_a_pattern_of_a_module_is_linear(use: Use) -> None:
    assert fault(use) is None


def test_the_patterns_of_the_tables_are_quick_on_what_they_are_shown() -> None:
    """A line or a stretch of text, of 2,000 characters at most; several slots in a row may be tried in many ways."""
    slow = {}
    for use in of_tables():
        (method,) = use.methods
        for attack in (one for one in attacks(use.pattern) if one.tail == "\x00"):  # the end that fits nowhere
            if seconds(use.pattern, method, attack, SHOWN) > MOST > seconds(use.pattern, method, attack, SHOWN, runs=3):
                continue
            if seconds(use.pattern, method, attack, SHOWN) > MOST:
                slow[use.where] = attack
                break
    assert not slow


@pytest.mark.parametrize("form", ["{list}-bounces+{token}@example.org", "a-{token}.{list}@example.org"])
def test_the_pattern_of_a_return_path_is_linear(form: str) -> None:
    assert fault(Use(form, compiled(form).pattern, frozenset({"fullmatch"}))) is None


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+b", "match"),  # never ends
        (r"(a|a)*b", "match"),
        (r"(\w+\s?)*;", "match"),
        (r"a*a*b", "match"),  # the square
        (r"[ \t]*(?:x)?[ \t]*$", "match"),
        (r"\s+$", "search"),
        (r"[^@]+@", "search"),
        (rb"<[^>]*>", "search"),
    ],
)
def test_the_attacks_find_what_is_not_linear(pattern: str | bytes, method: str) -> None:
    assert fault(Use("bad", re.compile(pattern), frozenset({method}))) is not None


@pytest.mark.parametrize(
    ("pattern", "method"),
    [(r"[^@]+@", "match"), (r"\s{1,9}$", "search"), (r"[a-z]{1,64}@", "search"), (r"a*b*c", "match")],
)
def test_the_attacks_leave_what_is_linear(pattern: str, method: str) -> None:
    assert fault(Use("good", re.compile(pattern), frozenset({method}))) is None


def test_no_pattern_hides_from_this_test() -> None:
    """Every call of `re` either makes a pattern at the top of a module, or is a maker's, or has its pattern in it."""
    for where, around, call in calls():
        if call.attr in HARMLESS or (where, around) in MAKERS:
            continue
        literal = bool(call.call.args) and isinstance(call.call.args[0], ast.Constant)
        assert (call.attr == "compile" and not around) or (literal and call.attr != "compile"), (where, around)


def test_every_module_level_pattern_is_among_them() -> None:
    made = [call for _, around, call in calls() if call.attr == "compile" and not around]
    assert len(of_modules()) >= len(made) * 0.9  # some stand in two modules
    assert len(made) > 60


def test_only_re_makes_patterns() -> None:
    from tests.hostile.patterns import trees  # noqa: PLC0415 - of this test only

    for where, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in {"re", "fnmatch", "glob"}, where
            elif isinstance(node, ast.Import):
                assert not {name.name for name in node.names} & {"regex", "fnmatch", "glob"}, where
                assert not [name for name in node.names if name.name == "re" and name.asname], where

from __future__ import annotations

from importlib.resources import files

import pytest

from dsnparse.reports.compile import compiled
from dsnparse.reports.phrases import words


def test_the_compiled_words_are_current() -> None:
    assert files("dsnparse.reports").joinpath("compiled.json").read_text("utf-8") == compiled()


@pytest.mark.parametrize("table", ["notice", "daemon", "answer", "autoreply", "autoreply_anywhere"])
def test_every_table_has_words_in_lower_case_each_once(table: str) -> None:
    assert words(table)
    assert len(set(words(table))) == len(words(table))
    assert all(word == word.lower() and word.strip() for word in words(table))

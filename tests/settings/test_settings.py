from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dsnparse.errors import ConfigError
from dsnparse.settings import SecretSource, Table, duration, share

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("14 d", timedelta(days=14)),
        ("2w", timedelta(days=14)),
        ("36500d", timedelta(days=36_500)),
        *(
            (text, None)
            for text in ("", "5", "d", "-1d", "1.5h", "1d12h", "1 year", "36501d", "999999w", " 1d", "1d\n")
        ),
        ("٣d", None),
    ],
)
def test_a_duration_is_a_number_and_a_unit_within_a_hundred_years(text: str, time: timedelta | None) -> None:
    assert duration(text) == time


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2 %", 0.02),
        ("0%", 0.0),
        ("0.5%", 0.005),
        ("100 %", 1.0),
        *((text, None) for text in ("", "2", "0.02", "101 %", "-1 %", "1e1 %", "% 2", "2 %\n")),
    ],
)
def test_a_share_is_written_as_percent(text: str, part: float | None) -> None:
    assert share(text) == (None if part is None else pytest.approx(part))


READERS: list[tuple[str, Callable[[Table], object], object, str]] = [
    ("text", lambda table: table.text("key"), 5, "must be a string in quotes"),
    ("text", lambda table: table.text("key"), None, "is missing: a string in quotes"),
    ("choice", lambda table: table.choice("key", ("one", "two")), "three", "'three' is none of one, two"),
    ("integer", lambda table: table.integer("key"), "5", "must be a whole number"),
    ("integer", lambda table: table.integer("key"), True, "must be a whole number"),
    ("integer", lambda table: table.integer("key"), 1.0, "must be a whole number"),
    ("integer", lambda table: table.integer("key", least=1), 0, "must be at least 1"),
    ("flag", lambda table: table.flag("key"), 1, "must be true or false"),
    ("texts", lambda table: table.texts("key"), "alice", "must be a list of strings"),
    ("texts", lambda table: table.texts("key"), ["alice", 1], "must be a list of strings"),
    ("texts", lambda table: table.texts("key", None), None, "is missing: a list of strings"),
    ("duration", lambda table: table.duration("key"), "soon", 'must be a time such as "30m", "24h" or "14d"'),
    ("duration", lambda table: table.duration("key", timedelta(1)), 7, "must be a string in quotes"),
    ("share", lambda table: table.share("key"), "0.02", 'must be a share such as "2 %"'),
    ("share", lambda table: table.share("key", 0.1), 0.02, "must be a string in quotes"),
    ("path", lambda table: table.path("key"), "", "must name a file"),
    ("path", lambda table: table.path("key"), "a\0b", "must name a file"),
    ("paths", lambda table: table.paths("key"), ["a", ""], "must name a file"),
    ("table", lambda table: table.table("key"), [], "must be a table"),
    ("tables", lambda table: table.tables("key"), {}, "must be an array of tables, [[...]]"),
    ("tables", lambda table: table.tables("key"), [1], "must be an array of tables, [[...]]"),
]


@pytest.mark.parametrize(("name", "read", "value", "problem"), READERS)
def test_a_bad_value_is_an_error_that_names_the_key_path(
    name: str, read: Callable[[Table], object], value: object, problem: str
) -> None:
    table = Table({} if value is None else {"key": value}, f"room[2].{name}")
    with pytest.raises(ConfigError) as caught:
        read(table)
    assert str(caught.value) == f"room[2].{name}.key: {problem}"


def test_defaults_stand_where_the_key_is_missing() -> None:
    table = Table({})
    assert table.text("a", "x") == "x"
    assert table.choice("b", ("one",), "one") == "one"
    assert table.integer("c", 3) == 3
    assert table.flag("d", default=False) is False
    assert table.texts("e") == ()
    assert table.duration("f", timedelta(days=1)) == timedelta(days=1)
    assert table.share("g", 0.5) == 0.5
    assert table.table("h").keys() == ()
    assert table.tables("i") == ()
    assert table.secret("j") is None
    table.done()


def test_a_key_that_nobody_asked_for_is_an_error_that_names_the_known_ones() -> None:
    table = Table({"name": "news", "seize": 5}, "list[0]")
    assert table.text("name") == "news"
    assert table.integer("size", 1) == 1
    with pytest.raises(ConfigError, match=r"^list\[0\]\.seize: is no setting; known here are name, size$"):
        table.done()


def test_tables_within_carry_their_whole_path_and_the_folder(tmp_path: Path) -> None:
    table = Table({"adapter": [{"inner": {"path": "x"}}, {"inner": {}}]}, folder=tmp_path)
    first, second = table.tables("adapter")
    assert first.table("inner").path("path") == str(tmp_path / "x")
    with pytest.raises(ConfigError, match=r"^adapter\[1\]\.inner\.path: is missing"):
        second.table("inner").path("path")


def test_paths_are_taken_against_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/owner")
    table = Table({"one": "state/x", "two": "/srv/x", "three": "~/x", "many": ["a", "/b"]}, folder=tmp_path)
    assert table.path("one") == str(tmp_path / "state" / "x")
    assert table.path("two") == "/srv/x"
    assert table.path("three") == "/home/owner/x"
    assert table.paths("many") == (str(tmp_path / "a"), "/b")
    assert Table({"one": "x"}).path("one") == "x"


def test_a_secret_comes_from_a_file_or_a_variable_and_only_its_source_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("  sésame, open\n", "utf-8")
    monkeypatch.setenv("DSNPARSE_KEY", "another one")
    table = Table({"trust": {"key_file": "key", "token_env": "DSNPARSE_KEY"}}, folder=tmp_path)
    trust = table.table("trust")
    assert trust.secret("key") == "sésame, open"
    assert trust.secret("token") == "another one"
    trust.done()
    assert table.secrets == [
        SecretSource(key="trust.key_file", file=str(tmp_path / "key"), octets=13),
        SecretSource(key="trust.token_env", variable="DSNPARSE_KEY", octets=11),
    ]
    assert "open" not in repr(table.secrets)


@pytest.mark.parametrize(
    ("values", "content", "problem"),
    [
        ({"key": "hunter2 hunter2"}, b"", r"key: secrets do not stand here: name a file with key_file or a variable"),
        ({"key_file": "f", "key_env": "HUNTER"}, b"hunter2", r"key_file: give either this or key_env"),
        ({"key_file": "f"}, b" \n", r"key_file: holds no secret"),
        ({"key_file": "f"}, b"hunter2\xff", r"key_file: .*/f: cannot be read: no UTF-8"),
        ({"key_file": "none"}, b"", r"key_file: .*/none: cannot be read: No such file or directory"),
        ({"key_file": "f"}, b"hunter2\nX-Other: field", r"key_file: a secret is one line without control characters"),
        ({"key_env": "NOT_THERE"}, b"", r"key_env: holds no secret"),
        ({"key_env": "HUNTER"}, b"", r"key_env: a secret is one line without control characters"),
    ],
)
def test_an_error_about_a_secret_never_bears_it(
    values: dict[str, object], content: bytes, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f").write_bytes(content)
    monkeypatch.setenv("HUNTER", "hunter2\thunter2")
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.raises(ConfigError) as caught:
        Table(values, folder=tmp_path).secret("key")
    assert re.match(problem, str(caught.value))
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None

from __future__ import annotations

import io
import json
import re
import sys
import textwrap
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from dsnparse.cli.group import start
from dsnparse.status import Rule, builtin
from tests.conftest import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

DOCS = FIXTURES.parent / "docs"
ROW = """
[[rule]]
id = "mine"
reason = "mailbox_disabled"
any = ["zork", "gone for good*"]
none = ["sender"]
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs `dsnparse rules` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def ran(*args: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = start(["rules", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ran


def test_list_shows_every_rule_in_order_with_the_vetoes_last(run: Run) -> None:
    code, out, _ = run("list")
    rows = [line.split() for line in out.splitlines()]
    everything = [*builtin().rows, *builtin().vetoes]
    assert code == 0
    assert rows[0] == ["id", "reason", "provenance", "condition"]
    assert [row[:3] for row in rows[1:]] == [
        [rule.id, "veto" if rule.veto else rule.reason, rule.provenance] for rule in everything
    ]


def test_list_as_json_gives_phrases_as_people_write_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(ROW)
    row = json.loads(run("list", "--json", "--rules", "my.toml")[1].splitlines()[0])
    assert (row["id"], row["origin"], row["provenance"]) == ("mine", "my.toml", "documented")
    assert (row["any"], row["none"]) == (["zork", "gone for good*"], ["sender"])
    assert "signature" not in row


def test_check_counts_what_is_fine(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(ROW)
    assert run("check", "my.toml") == (0, "1 row is fine\n", "")
    (tmp_path / "more.toml").write_text(ROW.replace("mine", "yours") + ROW.replace("mine", "theirs"))
    assert run("check", "my.toml", "more.toml") == (0, "3 rows are fine\n", "")
    (tmp_path / "none.toml").write_text("")
    assert run("check", "none.toml") == (0, "0 rows are fine\n", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ROW.replace("mailbox_disabled", "mailbox_dead"), "rule mine: reason mailbox_dead is none of: user_unknown"),
        (ROW.replace('id = "mine"\n', ""), "rule number 1: id is missing"),
        (ROW + ROW, "rule mine: the id is used before in my.toml"),
        (ROW.replace("any", "anyy"), "rule mine: unknown key anyy"),
        (ROW + 'example = "550 5.1.1 User unknown"', "rule mine: its example fires user-unknown"),
        (ROW + 'example = "hello"', "rule mine: its example fires no rule"),
        ("[[rule]", "my.toml: "),
    ],
)
def test_check_names_the_file_the_row_and_the_fault(run: Run, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "my.toml").write_text(text)
    code, out, err = run("check", "my.toml")
    assert (code, out) == (2, "")
    assert err.startswith("dsnparse: my.toml: ")
    assert words in err


def test_check_says_which_rule_takes_an_example_away(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(ROW + ROW.replace("mine", "late") + 'example = "550 zork"')
    assert run("check", "my.toml")[2] == "dsnparse: my.toml: rule late: its example fires mine (my.toml)\n"


def test_check_takes_a_veto_by_its_example(run: Run, tmp_path: Path) -> None:
    veto = ROW.replace("mine", "never") + "veto = true\n"
    (tmp_path / "my.toml").write_text(veto + 'example = "550 zork"')
    assert run("check", "my.toml")[0] == 0
    (tmp_path / "my.toml").write_text(veto + 'example = "hello"')
    assert run("check", "my.toml")[0] == 2


def test_check_of_a_file_that_is_not_there(run: Run) -> None:
    assert run("check", "missing.toml") == (2, "", "dsnparse: missing.toml: No such file or directory\n")


def test_test_shows_the_rule_its_words_and_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(ROW)
    _, out, _ = run("test", "--rules", "my.toml", "550", "zork:", "user", "unknown")
    lines = out.splitlines()
    assert lines[:3] == [
        'mine  mailbox_disabled  hard  on "zork"',
        "  any: zork | gone for good*; none: sender",
        "  documented: my.toml",
    ]
    assert lines[3:5] == ["", "would have fired too, in this order:"]
    assert any(line.startswith("  user-unknown-system  user_unknown  on ") for line in lines)


def test_test_shows_what_forbids_a_hard_verdict(run: Run) -> None:
    _, out, _ = run("test", "554 user unknown; client host blocked")
    assert "never hard, because of the veto veto-blocked" in out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "550 5.1.1 qwertz",
            'status-x.1.1  user_unknown  hard  on "5.1.1"\n  no rule knows the words: the code decides\n',
        ),
        ("hello", "no rule fires, and the codes say nothing\n"),
    ],
)
def test_test_says_when_no_rule_fires(run: Run, text: str, words: str) -> None:
    assert run("test", text)[:2] == (0, words)


def test_test_as_json_reads_standard_input(run: Run) -> None:
    row = json.loads(run("test", "--json", "-", stdin=b"550 User unknown\n")[1])
    assert " ".join(row) == "rule evidence reason bounce_type confidence veto others"
    assert (row["reason"], row["bounce_type"], row["veto"]) == ("user_unknown", "hard", None)
    assert row["rule"] not in {each["rule"] for each in row["others"]}


def test_test_shows_control_characters_as_escapes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(ROW + 'source = "\\u001b[31m"')
    assert "\\x1b[31m" in run("test", "--rules", "my.toml", "550 zork")[1]


@pytest.mark.parametrize("args", [["--help"], ["list", "--help"], ["check", "--help"], ["test", "--help"]])
def test_help_reads_well(run: Run, args: list[str]) -> None:
    code, out, err = run(*args)
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80


def test_the_examples_of_the_documentation_are_fine(run: Run, tmp_path: Path) -> None:
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", (DOCS / "rules.md").read_text("utf-8"), re.MULTILINE)
    own = [textwrap.dedent(block) for block in blocks if "[[rule]]" in block]
    assert len(own) == 2
    for block in own:
        (tmp_path / "my.toml").write_text(block)
        assert run("check", "my.toml")[:2] == (0, "1 row is fine\n")


def test_the_documentation_names_every_key_of_a_row() -> None:
    table = re.findall(r"^\| (`.*?`) \|", (DOCS / "rules.md").read_text("utf-8"), re.MULTILINE)
    named = set(re.findall(r"`(\w+)`", "".join(table)))
    assert named == {field.name for field in fields(Rule)} - {"origin"}

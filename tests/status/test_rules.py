from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsnparse.errors import RulesError
from dsnparse.model import Block, Reason
from dsnparse.status import builtin, firing, judge, load_rules
from dsnparse.status.compile import build
from dsnparse.status.rules import compiled, facts
from dsnparse.status.source import PROVENANCES
from dsnparse.status.words import cut, normal

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.status import Rule

ROWS = [*builtin().rows, *builtin().vetoes]


def test_the_compiled_form_is_current() -> None:
    from importlib.resources import files  # noqa: PLC0415 - only here

    assert files("dsnparse.status").joinpath("compiled.json").read_text("utf-8") == build()


def test_ids_are_unique() -> None:
    ids = [row["id"] for row in compiled()["rules"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("rule", builtin().rows, ids=lambda rule: rule.id)
def test_a_rules_example_fires_it_and_no_earlier_rule(rule: Rule) -> None:
    assert firing(rule.example)[0].rule.id == rule.id


@pytest.mark.parametrize("rule", builtin().vetoes, ids=lambda rule: rule.id)
def test_a_vetos_example_fires_it_and_is_not_hard(rule: Rule) -> None:
    hit = builtin().veto(facts(rule.example))
    assert hit is not None
    assert rule.id in {row.id for row in builtin().vetoes}
    assert judge(Block(diagnostic=rule.example)).bounce_type != "hard"


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: rule.id)
def test_every_row_says_where_it_comes_from(rule: Rule) -> None:
    assert rule.reason in set(Reason)
    assert rule.source
    assert rule.provenance in PROVENANCES


def test_a_recalled_row_alone_is_never_hard(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    row = '[[rule]]\nid = "mine"\nreason = "user_unknown"\nany = ["zork"]\nprovenance = "{}"\n'
    path.write_text(row.format("recalled"))
    assert judge(Block(diagnostic="550 zork"), rules=load_rules([path])).bounce_type == "soft"
    assert judge(Block(diagnostic="550 5.1.1 zork"), rules=load_rules([path])).bounce_type == "hard"
    path.write_text(row.format("documented"))
    assert judge(Block(diagnostic="550 zork"), rules=load_rules([path])).bounce_type == "hard"


def test_the_users_rules_stand_in_front(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nid = "mine"\nreason = "policy_refused"\nany = ["user unknown"]\n')
    verdict = judge(Block(diagnostic="550 5.1.1 User unknown"), rules=load_rules([path]))
    assert (verdict.rule, verdict.reason, verdict.bounce_type) == ("mine", "policy_refused", "soft")
    hits = firing("550 5.1.1 User unknown", rules=load_rules([path]))
    assert [hit.rule.id for hit in hits[:2]] == ["mine", "user-unknown-system"]


BAD = [
    ("x = 1", "unknown table x"),
    ("[[rule]]\nreason = 'virus'\nany = ['a']", "rule number 1: id is missing"),
    ("[[rule]]\nid = 'a'\nany = ['a']", "rule a: reason is missing"),
    ("[[rule]]\nid = 'a'\nreason = 'nope'\nany = ['a']", "rule a: reason nope is none of"),
    ("[[rule]]\nid = 'A b'\nreason = 'virus'\nany = ['a']", "id must be lower-case"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'", "rule a: no condition"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = 'a'", "rule a: any must be a list"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['...']", "has no words"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['ab*']", "too short"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['*ab']", "whole beginning"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['@box']", "there is no list box"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nin_order = [['a']]", "at least two lists"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\ncode = ['999']", "code 999 is no SMTP reply code"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nstatus = ['5.1']", "status 5.1 is no enhanced"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['a']\nwithin = 0", "within must be"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['a']\nweak = 1", "weak must be true or false"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['a']\nprovenance = 'guess'", "provenance must be one of"),
    ("[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['a']\nsurprise = 1", "rule a: unknown key surprise"),
    (
        "[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['a']\n[[rule]]\nid = 'a'\nreason = 'virus'\nany = ['b']",
        "used before",
    ),
    ("[words]\nbox = 'x'", "each name holds a list"),
    ("rule = 3", "rules stand in [[rule]]"),
    ("[[rule]\n", "line 1"),
]


@pytest.mark.parametrize(("text", "fault"), BAD)
def test_a_bad_row_names_file_row_and_fault(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RulesError) as error:
        load_rules([path])
    assert str(error.value).startswith(str(path))
    assert fault in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="No such file"):
        load_rules([tmp_path / "none.toml"])
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RulesError, match="not UTF-8"):
        load_rules([tmp_path / "bytes.toml"])


def test_words_are_compared_in_one_form() -> None:
    assert normal("User-Unknown: it DOESN\u2019T\r\n exist (#5.1.1)") == " user unknown it doesnt exist 5 1 1 "
    assert normal("Boîte désactivée, Straße") == " boite desactivee strasse "


def test_names_are_cut_out() -> None:
    text = (
        "550 <bob@spamfilter.example.org>: see https://spam.example.com/x mx.spamhost.example.net said User unknown.See"
    )
    assert normal(cut(text)) == " 550 see said user unknown see "
    assert normal(cut("RESOLVER.ADR.RecipNotFound")) == " resolver adr recipnotfound "


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a@b.example x@y,z@w", " "),
        ("@a stays", " a stays "),
        ("@@", " "),
        ("don'a@b t", " don t "),
        ("sent to it... later", " sent to later "),  # a host with dots behind it
        ("rejected.See it", " rejected see it "),
        ("...mail.example", " mail example "),
        ("\u00e9mail.example", " e "),
        ("wwww.example/a xhttp://b", " a xhttp b "),
        ("WWW.A.b/c http : //d FTP:/e", " "),
        ("http\u017f://a/b", " "),
    ],
)
def test_what_is_cut(text: str, left: str) -> None:
    assert normal(cut(text)).strip() == left.strip()

"""The memory of findings: bounded, and never a reason for another answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsnparse.model import Action, Block, Reason
from dsnparse.status import Rule, Rules, builtin, judge
from dsnparse.status.recent import Recent
from dsnparse.status.rules import facts
from tests.status.replies import ALIVE, DEAD


def test_what_is_known_is_not_found_again() -> None:
    recent: Recent[str] = Recent(2)
    assert recent.get("a", lambda: "first") == "first"
    assert recent.get("a", lambda: "second") == "first"


def test_the_oldest_is_forgotten() -> None:
    recent: Recent[str] = Recent(2)
    for key in "abc":
        recent.get(key, lambda: "old")
    assert [recent.get(key, lambda: "new") for key in "bca"] == ["old", "old", "new"]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules((*builtin().rows, *builtin().vetoes))


@pytest.mark.parametrize("text", [*DEAD, *ALIVE])
def test_a_verdict_does_not_depend_on_what_was_judged_before(text: str, rules: Rules) -> None:
    for action in (Action.FAILED, None):
        block = Block(diagnostic=text, action=action)
        rules.recent = Recent(1)
        assert judge(block, rules=rules) == judge(block, rules=rules) == judge(block)


def test_a_code_a_status_and_a_signature_tell_texts_of_the_same_words_apart() -> None:
    rules = Rules((Rule(id="signed", reason=Reason.VIRUS, signature=(" secret ",)),))
    signs = {
        rules.signs(asked)
        for asked in (
            facts("user unknown"),
            facts("user unknown", code="550"),
            facts("user unknown", statuses=("5.1.1",)),
            facts("user unknown", whole="secret: user unknown"),
        )
    }
    assert len(signs) == 4
    assert rules.signs(facts("user unknown", whole="<a@example.org> user unknown")) in signs


@pytest.mark.parametrize("text", ["word " * 1000, "\u7528\u6237\u4e0d\u5b58\u5728"])
def test_long_texts_and_foreign_letters_are_not_remembered(text: str) -> None:
    assert builtin().signs(facts(text)) is None


def test_one_s_own_rules_remember_for_themselves() -> None:
    own = Rules(
        (replace(builtin().rows[0], id="mine", any=(" user unknown ",), signature=(), in_order=(), status=(), code=()),)
    )
    block = Block(diagnostic="550 5.1.1 user unknown", action=Action.FAILED)
    assert judge(block).rule != "mine"
    assert judge(block, rules=own).rule == "mine"
    assert judge(block).rule != "mine"

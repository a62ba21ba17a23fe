"""The quick `__init__` and `replace` do what those of `dataclasses` do."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields

import pytest

from dsnparse.formats.blocks import Found
from dsnparse.frozen import quick_init, replace
from dsnparse.model import Action, Block, Defect, Fields, Original, Recipient, Report, Verdict
from dsnparse.smtp.reply import Reply

QUICK = (Block, Defect, Fields, Found, Original, Recipient, Reply, Report, Verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """As `Quick`, by dataclasses alone."""

    name: str
    size: int = 3
    items: list[str] = field(default_factory=list)


Quick = quick_init(
    dataclasses.make_dataclass(
        "Quick",
        [("name", str), ("size", int, 3), ("items", list[str], field(default_factory=list))],
        frozen=True,
        slots=True,
        kw_only=True,
    )
)


def test_defaults_are_those_of_the_fields() -> None:
    assert dataclasses.asdict(Quick(name="a")) == dataclasses.asdict(Plain(name="a"))


def test_each_instance_has_a_value_of_its_own_from_a_default_factory() -> None:
    assert Quick(name="a").items is not Quick(name="b").items


def test_a_value_that_is_given_stands_in_place_of_the_factory() -> None:
    assert Quick(name="a", items=["x"]).items == ["x"]


@pytest.mark.parametrize("arguments", [{}, {"name": "a", "colour": "red"}], ids=["one missing", "one unknown"])
def test_wrong_names_are_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        Quick(**arguments)


def test_values_without_names_are_refused() -> None:
    with pytest.raises(TypeError):
        Quick("a")


@pytest.mark.parametrize("cls", QUICK)
def test_the_signature_names_every_field(cls: type) -> None:
    assert list(inspect.signature(cls).parameters) == [one.name for one in fields(cls)]


@pytest.mark.parametrize("cls", QUICK)
def test_instances_stay_frozen(cls: type) -> None:
    values = {one.name: "x" for one in fields(cls)}
    made = cls(**values)
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(cls)[0].name, "y")
    assert {name: getattr(made, name) for name in values} == values


def test_an_instance_survives_a_pickle() -> None:
    block = Block(address="alice@example.org", action=Action.FAILED, extra={"x-a": "b"})
    assert pickle.loads(pickle.dumps(block)) == block  # noqa: S301 - made right here


def test_replace_changes_what_is_named_and_nothing_else() -> None:
    block = Block(address="alice@example.org", diagnostic="no", extra={"x-a": "b"})
    assert replace(block, diagnostic="yes") == dataclasses.replace(block, diagnostic="yes")
    assert block.diagnostic == "no"


def test_replace_refuses_a_field_that_is_not_there() -> None:
    with pytest.raises(AttributeError):
        replace(Block(), colour="red")


def test_a_class_of_somebody_s_own_is_made_like_any_other() -> None:
    class Mine(Report):  # without slots: an instance has a dictionary too
        pass

    made = Mine(subject="a")
    assert type(made) is Mine
    assert (made.subject, made.recipients) == ("a", ())
    assert replace(made, subject="c") == Mine(subject="c")
    with pytest.raises(FrozenInstanceError):
        made.subject = "b"  # type: ignore[misc]

"""Every regular expression of the package: those of the modules, and those that the tables make."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import dsnparse
from dsnparse.formats import returned, template
from dsnparse.formats.data import load

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Use", "calls", "modules", "of_modules", "of_tables"]

ROOT: Final = Path(dsnparse.__path__[0])
_AT_START: Final = frozenset({"match", "fullmatch"})
_METHODS: Final = _AT_START | {"search", "findall", "finditer", "sub", "subn", "split"}


class Use(NamedTuple):
    """A pattern and how it is asked: by which methods, for texts of what length at most."""

    where: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    methods: frozenset[str]


def modules() -> list[str]:
    """Return the names of the modules that compile a pattern at their top."""
    found = {where for where, around, call in calls() if not around and call.attr == "compile"}
    return sorted(map(_module, found))


@cache
def trees() -> dict[str, ast.Module]:
    """Return the source of every module, as a tree."""
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.rglob("*.py"))}


@cache
def _asked() -> dict[tuple[str, str], frozenset[str]]:
    """Return the methods that are called on a name, by (module, name)."""
    found: dict[tuple[str, str], set[str]] = {}
    for where, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.setdefault((_module(where), node.value.id), set()).add(node.attr)
    return {key: frozenset(used & _METHODS) for key, used in found.items()}


def _methods(module: str, name: str) -> frozenset[str]:
    """Return the methods by which a pattern is asked; `search`, which is the hardest, where it is passed on."""
    if name.startswith("_"):
        return _asked().get((module, name)) or frozenset({"search"})
    return frozenset().union(*(used for (_, known), used in _asked().items() if known == name)) or frozenset({"search"})


def _module(where: str) -> str:
    return "dsnparse." + where.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _within(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        yield from _within(list(value.values()))


def of_modules() -> list[Use]:
    """Return the patterns that stand in a module, once each."""
    found: dict[tuple[str | bytes, int], Use] = {}
    for name in modules():
        for key, value in vars(import_module(name)).items():
            for pattern in _within(value):
                asked = _methods(name, key)
                known = found.get((pattern.pattern, pattern.flags))
                if known is None or not known.where.startswith(name):
                    methods = asked | (known.methods if known else frozenset())
                    found[pattern.pattern, pattern.flags] = Use(f"{name}.{key}", pattern, methods)
    for where, _, node in calls():
        if node.call.args and node.attr != "compile" and isinstance(node.call.args[0], ast.Constant):
            pattern = re.compile(str(node.call.args[0].value))
            found.setdefault((pattern.pattern, pattern.flags), Use(where, pattern, frozenset({node.attr})))
    return list(found.values())


def of_tables() -> list[Use]:
    """Return the patterns that the rows of formats.toml and the words of markers.toml make."""
    found = [Use("markers", returned._markers().beginnings, frozenset({"finditer"}))]  # noqa: SLF001 - where words become one
    phrases: dict[int, str] = {}  # they differ by their words only, so one of each number of words
    for row in load("formats")["format"]:
        name = row["id"]
        lines = row.get("recipient", ("{address}", "<{address}>"))
        found += [Use(f"{name}: {shape}", template.line_shape(shape), frozenset({"match"})) for shape in lines]
        sentences = [*row.get("failed_sentence", ()), *row.get("delayed_sentence", ())]
        sentences += [row["host"]] if "host" in row else []
        made = [(shape, template._sentence_shape(shape)) for shape in sentences]  # noqa: SLF001 - where rows become patterns
        found += [Use(f"{name}: {shape}", pattern, frozenset({"search"})) for shape, pattern in made]
        for key in ("failed", "delayed", "close", "reason_after", "close_reason"):
            phrases |= {len(one.split()): one for one in row.get(key, ())}
    found += [Use(f"phrase: {one}", template.phrase(one), frozenset({"search"})) for one in phrases.values()]
    return list({use.pattern.pattern: use for use in found}.values())


class _Call(NamedTuple):
    attr: str
    call: ast.Call


def calls() -> list[tuple[str, str, _Call]]:
    """Return each call of a function of `re` as (module, function around it or nothing, the call)."""
    found: list[tuple[str, str, _Call]] = []

    def visit(where: str, node: ast.AST, around: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around = node.name
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
        ):
            found.append((where, around, _Call(node.func.attr, node)))
        for child in ast.iter_child_nodes(node):
            visit(where, child, around)

    for where, tree in trees().items():
        visit(where, tree, "")
    return found

"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dsnparse.model import Reason
    from dsnparse.status import Rules

__all__ = ["add_names", "names_of", "rules_option", "vocabulary_option"]


def _load(_ctx: click.Context, _param: click.Parameter, paths: tuple[str, ...]) -> Rules | None:
    if not paths:
        return None
    from pathlib import Path  # noqa: PLC0415 - loaded only for a file of rules

    from dsnparse.status import load_rules  # noqa: PLC0415 - likewise

    return load_rules([Path(path) for path in paths])


def _known(_ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        from dsnparse.status import vocabularies  # noqa: PLC0415 - loaded only when asked for

        for name in names:
            if name not in vocabularies():
                problem = f"{name!r} is not known; known are {', '.join(vocabularies())}"
                raise click.BadParameter(problem)
    return names


rules_option = click.option(
    "--rules",
    multiple=True,
    metavar="FILE",
    callback=_load,
    help="Your own rules, asked before the built-in ones; may be repeated (docs/rules.md).",
)

vocabulary_option = click.option(
    "--vocabulary",
    "vocabulary",
    multiple=True,
    metavar="NAME",
    callback=_known,
    help="Name the reason in another system's words too, such as sisimai or ses; may be repeated.",
)


def names_of(reason: Reason | None, systems: tuple[str, ...]) -> dict[str, str | None]:
    """Return the names that these systems give to a reason."""
    if not systems:
        return {}
    from dsnparse.status import vocabulary  # noqa: PLC0415 - loaded only when asked for

    return {system: vocabulary(system, reason) if reason else None for system in systems}


def add_names(row: dict[str, Any], systems: tuple[str, ...]) -> dict[str, Any]:
    """Return the object of one mail, with the key `vocabulary` for each recipient where systems are asked for."""
    if systems:
        for recipient in row["recipients"]:
            recipient["vocabulary"] = names_of(recipient["reason"], systems)
    return row

"""docs/policy.md says what the policy does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dsnparse.policy import GuardSettings, Row, from_table, preset
from dsnparse.settings import Table

TEXT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")


def test_the_settings_shown_are_the_defaults() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    values = tomllib.loads(block)
    assert set(values) == {"policy", "guard"}
    assert from_table(Table(values["policy"], "policy")) == preset("careful")
    assert GuardSettings.from_table(Table(values["guard"], "guard")) == GuardSettings()
    assert set(values["guard"]) == set(GuardSettings.__dataclass_fields__)
    assert set(values["policy"]["reason"]["mailbox_full"]) == set(Row.__dataclass_fields__)


def told(row: Row) -> tuple[str, str, str]:
    needed = f"{row.failures}"
    if row.days > 1:
        needed += " on different days"
    if row.span:
        needed += f", over at least {row.span.days} days"
    if row.unproven > (row.failures or 0):
        needed += f"; {row.unproven} on different days where you set up proof and a report has none"
    then = f"no mail for {row.disable_for.days} days" if row.disable_for else "removed"
    return needed, f"{row.window.days} days" if row.window else "", then


def test_the_table_shows_the_numbers_of_the_careful_preset() -> None:
    rows = preset("careful").rows
    found = set()
    for line in re.findall(r"^\| [^|]+ \| (`.*)$", TEXT, re.MULTILINE):
        kinds, needed, within, then = (cell.strip() for cell in line.strip("|").split("|"))
        for kind in re.findall(r"`(\w+)`", kinds):
            assert (needed, within, then) == told(rows[kind])
            found.add(kind)
    assert found == set(rows)

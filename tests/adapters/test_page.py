"""docs/adapters.md says what is so."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

from dsnparse.adapters import ADAPTERS, make
from dsnparse.adapters.site import Site
from dsnparse.adapters.webhook import Webhook
from dsnparse.settings import Table
from tests.adapters.stand_ins.receiver import PAGE
from tests.adapters.stand_ins.server import Response, Server
from tests.contracts.adapter import removal

if TYPE_CHECKING:
    from pathlib import Path


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_every_adapter_has_a_section_and_a_line_in_the_table() -> None:
    page = PAGE.read_text("utf-8")
    assert set(re.findall(r"^\| \[`(\w+)`\]\(#\w+\) \|", page, re.MULTILINE)) == set(ADAPTERS)
    assert set(ADAPTERS) <= set(re.findall(r"^## (\w+)$", page, re.MULTILINE))


def test_every_example_of_settings_is_taken(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret that is long enough")
    tables = [table for block in blocks("toml") for table in tomllib.loads(block).get("adapter", [])]
    for values in tables:
        secrets = {key: str(secret) for key in values if key.endswith("_file") and key != "ca_file"}
        given = {key: value for key, value in values.items() if key != "lists"} | secrets
        assert make(Table(given, "adapter[0]", tmp_path)).name
    assert {values["type"] for values in tables} == set(ADAPTERS)


def test_the_webhooks_document_has_the_keys_that_are_sent() -> None:
    (shown,) = (json.loads(block) for block in blocks("json") if '"failure"' in block)
    with Server(lambda _: Response(200)) as server:
        Webhook(Site(url=server.url), "a secret that is long enough").apply([removal("alice@example.org")])
        sent = json.loads(server.requests[0].body)
    assert list(sent) == list(shown)
    assert list(sent["failure"]) == list(shown["failure"])

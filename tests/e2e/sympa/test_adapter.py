"""The whole contract would take minutes, since each of Sympa's commands takes the better part of a second."""

from __future__ import annotations

import contextlib
import os
import pwd
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.contracts.adapter import ALICE, BOB, decision
from tests.e2e.servers import needed, open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.adapters import Adapter, Answer

pytestmark = pytest.mark.e2e
SYMPA = Path("/usr/bin/sympa")
LIST = "news@lists.example.org"
CAROL, DORA = "carol@example.org", "dora@example.org"
_CONFIG = """\
domain lists.example.org
listmaster listmaster@lists.example.org
db_type SQLite
db_name {folder}/sympa.sqlite
home {folder}/home
etc {folder}/etc
arc_path {folder}/arc
bounce_path {folder}/bounce
spool {folder}/spool
sendmail {folder}/sendmail
sendmail_aliases none
wwsympa_url http://lists.example.org/sympa
lang en
allow_subscribe_if_pending off
"""
_LIST = """\
<?xml version="1.0" ?>
<list>
<listname>news</listname><type>discussion_list</type><subject>News</subject><description>News</description>
<status>open</status><language>en</language><owner multiple="1"><email>owner@example.org</email></owner>
<topic>Computing</topic>
</list>
"""


class Site:
    """Sympa with one list, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._owner = pwd.getpwnam("sympa")
        for name in ("home", "etc", "arc", "bounce", "spool"):
            (folder / name).mkdir()
        (folder / "sympa.conf").write_text(_CONFIG.format(folder=folder))
        (folder / "list.xml").write_text(_LIST)
        (folder / "sendmail").write_text(f"#!/bin/sh\ncat >> {folder}/sent\n")
        (folder / "sendmail").chmod(0o755)
        for path in (folder, *folder.iterdir()):
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
        self.run("upgrade")
        self.run("create", f"--input_file={folder}/list.xml", "lists.example.org")
        self.run("add", "--quiet", LIST, given=f"{ALICE}\n{BOB}\n{CAROL}\n{DORA}")

    def run(self, verb: str, *words: str, given: str = "") -> str:
        """Run one of Sympa's commands as Sympa."""
        done = subprocess.run(
            [SYMPA, verb, f"--config={self.folder}/sympa.conf", *words],
            input=given.encode(),
            capture_output=True,
            check=True,
            timeout=60,
            user="sympa",
            group="sympa",
            extra_groups=(),
            cwd="/",
        )
        return done.stdout.decode()

    def members(self) -> set[str]:
        """Return who is on the list, concealed or not, as its database has it."""
        return {row[0] for row in self.ask("SELECT user_subscriber FROM subscriber_table")}

    def ask(self, statement: str) -> list[Any]:
        """Ask Sympa's database."""
        with contextlib.closing(sqlite3.connect(self.folder / "sympa.sqlite")) as database, database:
            return database.execute(statement).fetchall()

    def set(self, key: str, value: str) -> None:
        """Change the settings of the list; Sympa takes them by the time of the file."""
        path = self.folder / "home/news/config"
        lines = [line for line in path.read_text().splitlines() if not line.startswith(f"{key} ")]
        path.write_text("\n".join([f"{key} {value}", "", *lines]) + "\n")
        (self.folder / "home/news/config.bin").unlink(missing_ok=True)

    def adapter(self, name: str = LIST, **keys: object) -> Adapter:
        """Make the adapter."""
        return make(Table({"type": "sympa", "list": name, "config": f"{self.folder}/sympa.conf", **keys}))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    needed("sympa", SYMPA)
    if os.geteuid() != 0:
        pytest.skip("only root may be Sympa")
    for folder in open_folder():
        yield Site(folder)


def told(adapter: Adapter, *decisions: tuple[Wanted, str]) -> list[Outcome]:
    answers: list[Answer] = list(adapter.apply([decision(wanted, address) for wanted, address in decisions]))
    assert all(answer.detail.isprintable() for answer in answers)
    return [answer.outcome for answer in answers]


def test_remove_repeat_stranger_and_what_it_cannot_do(site: Site) -> None:
    adapter = site.adapter()
    assert adapter.check().outcome is Outcome.DONE
    assert told(
        adapter,
        (Wanted.REMOVE, "Alice@example.org"),
        (Wanted.REMOVE, ALICE),
        (Wanted.REMOVE, "stranger@example.net"),
        (Wanted.DISABLE, BOB),
        (Wanted.RESTORE, ALICE),
        (Wanted.REMOVE, "a b@example.org"),
    ) == [
        Outcome.DONE,
        Outcome.NOT_FOUND,
        Outcome.NOT_FOUND,
        Outcome.BAD_REQUEST,
        Outcome.BAD_REQUEST,
        Outcome.BAD_REQUEST,
    ]
    assert site.members() == {BOB, CAROL, DORA}


def test_disable_and_restore_where_resubscribing_is_allowed(site: Site) -> None:
    adapter = site.adapter(resubscribe=True)
    steps = [(Wanted.DISABLE, BOB), (Wanted.RESTORE, BOB), (Wanted.RESTORE, BOB)]
    assert told(adapter, *steps) == [Outcome.DONE, Outcome.DONE, Outcome.ALREADY]
    assert site.members() >= {BOB, CAROL, DORA}


def test_a_concealed_member(site: Site) -> None:
    site.ask(f"UPDATE subscriber_table SET visibility_subscriber = 'conceal' WHERE user_subscriber = '{CAROL}'")  # noqa: S608
    assert CAROL not in site.run("review", LIST)  # why its word is not taken for who is a stranger
    adapter = site.adapter(resubscribe=True)
    steps = [(Wanted.RESTORE, CAROL), (Wanted.REMOVE, CAROL), (Wanted.REMOVE, CAROL)]
    assert told(adapter, *steps) == [Outcome.ALREADY, Outcome.DONE, Outcome.NOT_FOUND]
    assert CAROL not in site.members()


@pytest.mark.parametrize("address", ["o'hara+x=%@example.org", "a.b-c_d@example.org"])
def test_signs_in_an_address(site: Site, address: str) -> None:
    adapter = site.adapter(resubscribe=True)
    assert told(adapter, (Wanted.RESTORE, address), (Wanted.REMOVE, address)) == [Outcome.DONE, Outcome.DONE]


def test_an_address_that_sympa_does_not_take(site: Site) -> None:
    assert told(site.adapter(resubscribe=True), (Wanted.RESTORE, "j\xf6rg@example.org")) == [Outcome.REFUSED]


@pytest.mark.parametrize("name", ["nothing@lists.example.org", "news@other.example.org"])
def test_a_list_that_is_not_there(site: Site, name: str) -> None:
    adapter = site.adapter(name)
    assert adapter.check().outcome is Outcome.REFUSED
    assert told(adapter, (Wanted.REMOVE, DORA)) == [Outcome.REFUSED]
    assert DORA in site.members()


def test_another_language(site: Site) -> None:
    site.set("lang", "fr")
    steps = [(Wanted.REMOVE, "stranger@example.net"), (Wanted.REMOVE, BOB), (Wanted.REMOVE, BOB)]
    assert told(site.adapter(), *steps) == [Outcome.NOT_FOUND, Outcome.DONE, Outcome.NOT_FOUND]
    site.set("lang", "en")


def test_a_list_that_is_closed(site: Site) -> None:
    site.set("status", "closed")
    (answer,) = site.adapter().apply([decision(Wanted.REMOVE, DORA)])
    assert answer.outcome is Outcome.REFUSED
    assert DORA in site.members()
    site.set("status", "open")


def test_a_configuration_that_is_not_there(site: Site) -> None:
    adapter = site.adapter(config=f"{site.folder}/missing.conf")
    assert adapter.check().outcome in {Outcome.REFUSED, Outcome.RETRY}
    assert told(adapter, (Wanted.REMOVE, DORA))[0] in {Outcome.REFUSED, Outcome.RETRY}


def test_nobody_was_written_to(site: Site) -> None:
    sent = site.folder / "sent"
    words = sent.read_text() if sent.exists() else ""
    assert not [address for address in (ALICE, BOB, CAROL, DORA, "stranger@example.net") if address in words]

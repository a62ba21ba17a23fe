"""`dsnparse ledger`, and what a run does with a configuration and with a ledger that cannot be used."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.e2e.acted import RUN, acted, command, dead, inside, news, rows
from tests.e2e.command import dsnparse_command
from tests.pipeline.mails import maildir, names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return acted(tmp_path)


def test_show_tells_what_is_known_of_an_address_and_nothing_drives_the_terminal(box: Path) -> None:
    code, out, err = command(box, "ledger", "show", "Alice@example.org")
    assert (code, err) == (0, "")
    assert "hard user_unknown  5.1.1  trust none  list news" in out
    assert "\\x1b]0;owned\\x07\\x1b[2J" in out
    assert "disable on news (done)" in out
    assert "disable done by suppression:" in out


def test_show_without_an_address_counts(box: Path) -> None:
    code, out, _ = command(box, "ledger", "show")
    counts = {line[:24].strip(): line[24:] for line in out.splitlines()}
    assert code == 0
    assert (counts["mails read"], counts["failures"], counts["decisions done"], counts["decisions held"]) == (
        "4",
        "4",
        "2",
        "2",
    )


def test_an_address_of_which_nothing_is_known_is_exit_1(box: Path) -> None:
    assert command(box, "ledger", "show", "zoe\x1b[2J@example.org")[:2] == (
        1,
        "zoe\\x1b[2J@example.org\n  nothing is known of it\n",
    )


@pytest.mark.parametrize(("what", "number"), [("decisions", 4), ("events", 4), ("journal", 7)])
def test_export_writes_json_lines(box: Path, what: str, number: int) -> None:
    found = rows(box, "ledger", "export", "--what", what)
    assert len(found) == number
    assert 0 < len(rows(box, "ledger", "export", "--what", what, "--domain", "Example.net")) < number


def test_undo_puts_back_at_once_and_only_whom_it_names(box: Path) -> None:
    assert command(box, "ledger", "undo", "alice@example.org") == (0, "taken back  alice@example.org  news\n", "")
    assert dead(box) == ["bob@example.net"]
    inside(box, *RUN)
    assert "alice@example.org" not in dead(box)
    assert command(box, "ledger", "undo", "alice@example.org")[0] == 1


def test_undo_leaves_alone_what_somebody_else_had_written(tmp_path: Path) -> None:
    (tmp_path / "dead.txt").write_text("alice@example.org\nbob@example.net\n")
    acted(tmp_path)
    assert command(tmp_path, "ledger", "undo", "--all")[0] == 0
    assert dead(tmp_path) == ["alice@example.org", "bob@example.net"]


def test_clear_lets_an_address_begin_anew_and_tells_no_list(box: Path) -> None:
    assert command(box, "ledger", "clear", "carol@example.com") == (0, "cleared  carol@example.com  news\n", "")
    assert [row["address"] for row in rows(box, "holds", "list", "--json")] == ["owner@example.org"]
    assert dead(box) == ["alice@example.org", "bob@example.net"]
    assert command(box, "ledger", "clear", "carol@example.com")[0] == 1


def test_forget_leaves_no_trace_of_an_address_but_knows_it_again(box: Path) -> None:
    assert command(box, "ledger", "forget", "bob@example.net") == (0, "forgotten: 1\n", "")
    with closing(sqlite3.connect(box / "ledger")) as raw:
        assert not [line for line in raw.iterdump() if "bob@example.net" in line]
    code, out, _ = command(box, "ledger", "show", "bob@example.net")
    assert (code, "was forgotten; it was not to be mailed (disable)" in out) == (0, True)
    assert command(box, "ledger", "forget", "zoe@example.net")[:2] == (1, "forgotten: 0\n")


@pytest.mark.parametrize(
    "args",
    [
        ["ledger"],
        ["ledger", "clear"],
        ["ledger", "undo"],
        ["ledger", "forget"],
        ["ledger", "undo", "no address"],
        ["ledger", "undo", "-x@example.org"],
        ["ledger", "clear", "--since", "yesterday"],
        ["ledger", "clear", "--since", "2026-13-45"],
        ["ledger", "export", "--what", "secrets"],
        ["ledger", "show", "--ledger", "nowhere"],
        ["holds", "release"],
        ["holds", "drop", "--guard", "nobody"],
        ["holds", "list", "--ledger", "nowhere"],
        ["sent", "import", "nowhere"],
    ],
)
def test_wrong_usage_is_exit_2_and_changes_nothing(tmp_path: Path, args: list[str]) -> None:
    maildir(tmp_path / "md", {})
    (tmp_path / "config.toml").write_text("")
    before = sorted(map(str, tmp_path.rglob("*")))
    done = inside(tmp_path, *args, *(["--config", "config.toml"] if len(args) > 1 else []))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr
    assert sorted(map(str, tmp_path.rglob("*"))) == before


def test_an_adapter_gets_the_decisions_of_its_lists_only(box: Path) -> None:
    raw = news("dora@example.com").replace(b"news.example.org", b"unknown.example.org")
    (box / "md" / "new" / "5").write_bytes(raw)
    inside(box, *RUN, "--max", "100")
    assert "dora@example.com" not in dead(box)
    (row,) = [row for row in rows(box, "ledger", "export") if row["address"] == "dora@example.com"]
    assert (row["list"], row["state"], row["held"]) == (None, "open", None)


def test_a_preset_of_the_configuration_holds(tmp_path: Path) -> None:
    maildir(tmp_path / "md", {"1": news("alice@example.org")})
    (tmp_path / "config.toml").write_text('[ledger]\npath = "ledger"\n[policy]\npreset = "mailman"\n')
    inside(tmp_path, *RUN)
    assert rows(tmp_path, "ledger", "export") == []  # it takes five days with a failure


def test_a_bad_configuration_names_the_key_and_nothing_is_done(box: Path) -> None:
    before = sorted(map(str, box.rglob("*")))
    (box / "config.toml").write_text("[policy]\nsettl = '1d'\n")
    done = inside(box, *RUN)
    assert done.returncode == 2
    assert b"policy.settl" in done.stderr
    assert sorted(map(str, box.rglob("*"))) == before


def test_a_list_that_refuses_for_good_is_exit_2_and_a_later_run_tells_it(box: Path) -> None:
    (box / "dead.txt").unlink()
    (box / "dead.txt").mkdir()
    (box / "md" / "new" / "5").write_bytes(news("dora@example.com"))
    done = inside(box, *RUN, "--max", "9")
    assert (done.returncode, b"dead.txt: Is a directory" in done.stderr) == (2, True)
    (box / "dead.txt").rmdir()
    assert inside(box, *RUN, "--max", "9").returncode in {0, 1}
    assert "dora@example.com" in dead(box)


def test_a_ledger_in_a_folder_that_is_missing_or_no_folder(tmp_path: Path) -> None:
    maildir(tmp_path / "md", {"1": news("alice@example.org")})
    (tmp_path / "file").write_text("")
    done = inside(tmp_path, "run", "--live", "--ledger", "file/ledger", "md")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert names(tmp_path / "md" / "new") == ["1"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_ledger_in_a_read_only_folder_is_one_line_and_nothing_is_done(box: Path) -> None:
    (box / "md" / "new" / "5").write_bytes(news("dora@example.com"))
    os.chmod(box, 0o500)  # noqa: PTH101 - as in a shell
    done = inside(box, *RUN)
    os.chmod(box, 0o700)  # noqa: PTH101 - likewise
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert names(box / "md" / "new") == ["5"]


def test_a_full_disk_under_the_ledger_is_75_and_the_next_run_does_all(box: Path) -> None:
    for number in range(200):
        (box / "md" / "new" / f"9{number}").write_bytes(news(f"x{number}@example.com", ("4.2.2", "452 4.2.2 Full")))
    full = """
import sqlite3, dsnparse.ledger.opening as opening
real = opening.open_file
def open_file(path):
    connection = real(path)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    return connection
import dsnparse.ledger.store as store
store.open_file = open_file
"""
    done = dsnparse_command(box, *RUN, code=full)
    assert done.returncode == 75
    assert done.stderr == b"dsnparse: %s/ledger: cannot be written: the disk is full\n" % os.fsencode(box)
    assert len(names(box / "md" / "new")) == 200
    assert inside(box, *RUN).returncode in {0, 1}
    assert names(box / "md" / "new") == []
    assert len(rows(box, "ledger", "export", "--what", "events")) == 204

"""Nothing that a mail says becomes a path, and nothing in a folder of mails stalls a run or leads it out."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters.suppression import SuppressionFile
from dsnparse.config import Route, default
from dsnparse.ledger.sqlite import SqliteLedger
from dsnparse.pipeline import run
from dsnparse.sources import read_path
from tests.e2e.command import dsnparse_command
from tests.pipeline.mails import LETTER, bounce, maildir, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dsnparse.pipeline import Summary

EVIL = (
    *("../../../../escaped", "/escaped", "..", ".", "/dev/null", "~/escaped", "$(touch escaped)", "`touch escaped`"),
    *("|touch escaped", ";touch escaped", "--ledger=escaped", "-f", "file:escaped?mode=rwc", "a" * 5000, "C:\\escaped"),
    *("%2e%2e%2fescaped", "escaped\x00.txt", "escaped\n/escaped", "\udcff/escaped", "{0}", "%s%n"),
)


def hostile(word: str) -> bytes:
    """Return a report that says a word wherever a report says anything."""
    template = b"""From: <@>@example.org
To: <@>@example.org
Subject: Undelivered Mail Returned to Sender
Return-Path: <@>
Message-ID: <@>
List-Id: <@>
X-Original-To: @
MIME-Version: 1.0
Content-Type: multipart/report; name="@"; report-type=delivery-status; boundary=b

--b
Content-Disposition: attachment; filename="@"

no
--b
Content-Type: message/delivery-status; name="@"

Reporting-MTA: dns; @

Final-Recipient: rfc822; alice@example.org
Original-Recipient: rfc822; @
Action: failed
Status: 5.1.1
Remote-MTA: dns; @
Diagnostic-Code: smtp; 550 5.1.1 @

--b
Content-Type: message/rfc822

From: news@example.org
Message-ID: <@>
List-Id: <@>

body
--b--
"""
    octets = word.replace("\n", "\n ").encode("utf-8", "surrogateescape")
    return re.sub(rb"(?<=[ <\"])@", lambda _: octets, template)


def tree(top: Path) -> set[str]:
    return {str(path.relative_to(top)) for path in top.rglob("*")}


def test_nothing_that_a_mail_says_becomes_a_path(tmp_path: Path) -> None:
    """Run in a folder four levels down, so that what climbs out is seen."""
    work = tmp_path / "1" / "2" / "3" / "work"
    work.mkdir(parents=True)
    maildir(work / "md", {f"{number:02}": hostile(word) for number, word in enumerate(EVIL)})
    (work / "config.toml").write_text(
        '[ledger]\npath = "ledger"\n[[adapter]]\ntype = "suppression"\npath = "dead.txt"\n'
        '[[adapter]]\ntype = "suppression"\npath = "dead.csv"\n[[list]]\nname = "x"\nlist_ids = ["../../escaped"]\n'
    )
    before = tree(tmp_path)
    done = dsnparse_command(work, "run", "--live", "--no-settle", "--config", "config.toml", "md")
    assert done.returncode in {0, 1}, done.stderr
    assert b"Traceback" not in done.stderr
    assert (work / "dead.txt").read_text().startswith("alice@example.org\n")  # they were read and acted on
    made = {name.rpartition("/")[2] for name in tree(tmp_path) - before}
    assert made == {"ledger", "ledger.lock", "dead.txt", "dead.csv"} | {name for name in made if name.endswith(":2,")}
    moved = {name for name in made if name.endswith(":2,")}
    assert moved <= {f"{number:02}:2," for number in range(len(EVIL))}
    for name in ("ledger", "ledger.lock", "dead.txt", "dead.csv"):
        assert (work / name).stat().st_mode & 0o777 == 0o600


def outcome(box: Path, ledger: Path, **adapters: Path) -> Summary:
    """Run in this process."""
    routes = tuple(Route(adapter=SuppressionFile(str(path))) for path in adapters.values())
    config = replace(default(), ledger=str(ledger), adapters=routes)
    with SqliteLedger.open(str(ledger)) as store:
        return run(read_path(str(box)), store, config, live=True, now=datetime.now(UTC), unripe=True)


def test_what_lies_in_a_maildir_and_is_no_mail_does_not_stall_a_run_or_lead_it_out(tmp_path: Path) -> None:
    box = maildir(tmp_path / "md", {"1": bounce("alice@example.org")})
    secret = tmp_path / "secret"
    secret.write_bytes(bounce("stolen@example.org"))
    for folder in (box / "new", box / "cur"):
        os.mkfifo(folder / "fifo")
        (folder / "link").symlink_to(secret)
        (folder / "loop").symlink_to("loop")
        (folder / "zero").symlink_to("/dev/zero")
        (folder / "folder").mkdir()
        (folder / "folder" / "mail").write_bytes(bounce("deeper@example.org"))
    done = dsnparse_command(tmp_path, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "dead.txt").read_text() == "alice@example.org\n"
    assert secret.read_bytes() == bounce("stolen@example.org")
    assert names(box / "new") == ["fifo", "folder", "link", "loop", "zero"]


def test_a_maildirs_folder_that_is_a_fifo_or_a_link_in_a_circle_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "md").mkdir()
    (tmp_path / "md" / "cur").mkdir()
    os.mkfifo(tmp_path / "md" / "new")
    done = dsnparse_command(tmp_path, "run", "md")
    assert done.returncode in {0, 1}
    (tmp_path / "circle").symlink_to("circle")
    done = dsnparse_command(tmp_path, "run", "circle")
    assert (done.returncode, done.stderr) == (2, b"dsnparse: circle: Too many levels of symbolic links\n")


ODD = (
    *(b"\xff\xfe", b"\x80" * 200, b"a\nb", b"a\rb\x1b[2Jb", "\u202egnp.exe".encode(), b"-rf", b"--live", b"a b:2,S"),
    *(b"x" * 255, "\U0001f4e7".encode() * 60, b"%s", b"*", b"'; DROP TABLE mail; --"),
)


def test_mails_are_read_and_moved_whatever_their_names_are(tmp_path: Path) -> None:
    box = maildir(tmp_path / "md", {})
    for number, name in enumerate(ODD):
        path = os.path.join(os.fsencode(box), b"new", name)  # noqa: PTH118 - bytes
        with open(path, "wb") as stream:  # noqa: PTH123 - likewise
            stream.write(bounce(f"a{number}@example.org"))
    done = dsnparse_command(tmp_path, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    assert len((tmp_path / "dead.txt").read_text().splitlines()) == len(ODD)
    printed = done.stdout + done.stderr
    assert b"\x1b" not in printed
    assert "\u202e" not in printed.decode()
    stayed = os.listdir(os.path.join(os.fsencode(box), b"new"))  # noqa: PTH118, PTH208 - bytes
    assert stayed == [b"x" * 255]  # with ":2," behind it would be no name any more
    assert b"cannot be moved to cur/: File name too long" in done.stderr
    assert done.returncode == 1
    again = dsnparse_command(tmp_path, "run", "--live", "--no-settle", "--suppress", "dead.txt", "md")
    assert b"Traceback" not in again.stderr
    assert len((tmp_path / "dead.txt").read_text().splitlines()) == len(ODD)


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    """Return a Maildir of bounces and letters."""
    mails = {f"{number:03}": bounce(f"a{number}@example.org") for number in range(20)}
    return maildir(tmp_path / "md", mails | {f"letter{number}": LETTER + b"%d\n" % number for number in range(10)})


def at_once(*parts: Callable[[], Summary]) -> list[Summary]:
    """Run them side by side, and return what came of each; what one raises is raised here."""
    results: list[Summary] = []
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(parts))

    def one(part: Callable[[], Summary]) -> None:
        try:
            barrier.wait()
            results.append(part())
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=one, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def test_two_runs_with_ledgers_of_their_own_on_one_maildir_lose_nothing(crowd: Path, tmp_path: Path) -> None:
    summaries = at_once(
        *(lambda n=n: outcome(crowd, tmp_path / f"ledger{n}", one=tmp_path / f"dead{n}") for n in (1, 2))
    )
    assert [(one.unreadable, one.unmoved) for one in summaries] == [(0, 0), (0, 0)]
    assert sum(one.moved for one in summaries) == 20
    assert len(names(crowd / "new")) == 10
    assert len(names(crowd / "cur")) == 20
    told = [set((tmp_path / f"dead{n}").read_text().split()) for n in (1, 2)]
    assert told[0] | told[1] == {f"a{number}@example.org" for number in range(20)}
    for n in (1, 2):  # whoever missed mails that moved meanwhile finds them in cur/ the next time
        outcome(crowd, tmp_path / f"ledger{n}", one=tmp_path / f"dead{n}")
        assert len((tmp_path / f"dead{n}").read_text().split()) == 20


def test_the_second_run_on_one_ledger_ends_with_75_and_names_it(crowd: Path, tmp_path: Path) -> None:
    with SqliteLedger.open(str(tmp_path / "ledger")):
        done = dsnparse_command(tmp_path, "run", "--live", "--ledger", "ledger", "md")
    assert (done.returncode, done.stderr) == (75, b"dsnparse: ledger: another run is at work on it\n")
    assert len(names(crowd / "new")) == 30


def test_a_mail_that_another_reader_takes_in_the_middle_of_a_run_is_no_error(crowd: Path, tmp_path: Path) -> None:
    def vanishing() -> Iterator[object]:
        for number, item in enumerate(read_path(str(crowd))):
            if number == 5:
                for path in (crowd / "new").glob("00*"):
                    path.rename(crowd / "cur" / f"{path.name}:2,S")
                for path in (crowd / "new").glob("01*"):
                    path.unlink()
            yield item

    with SqliteLedger.open(str(tmp_path / "ledger")) as store:
        summary = run(vanishing(), store, default(), live=True, now=datetime.now(UTC))  # type: ignore[arg-type]
    assert (summary.unreadable, summary.unmoved) == (0, 0)
    assert all(name.startswith("letter") for name in names(crowd / "new"))


def test_a_link_in_place_of_the_lock_or_of_the_temporary_file_is_not_followed(crowd: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "ledger.lock").symlink_to(precious)
    done = dsnparse_command(tmp_path, "run", "--live", "--ledger", "ledger", "md")
    assert done.returncode == 2
    assert done.stderr.startswith(b"dsnparse: ledger: cannot be opened: Too many levels")
    (tmp_path / "ledger.lock").unlink()
    (tmp_path / ".dead.txt.dsnparse-new").symlink_to(precious)
    outcome(crowd, tmp_path / "ledger", one=tmp_path / "dead.txt")
    assert precious.read_text() == "precious"
    assert len((tmp_path / "dead.txt").read_text().split()) == 20
    assert not (tmp_path / "dead.txt").is_symlink()


@pytest.mark.parametrize("mask", [0, 0o022])
def test_what_appears_is_for_its_owner_only_and_what_was_there_keeps_its_mode(
    crowd: Path, tmp_path: Path, mask: int
) -> None:
    (tmp_path / "shared.txt").touch()
    (tmp_path / "shared.txt").chmod(0o644)
    old = os.umask(mask)
    try:
        outcome(crowd, tmp_path / "state" / "ledger", one=tmp_path / "dead.txt", two=tmp_path / "shared.txt")
    finally:
        os.umask(old)
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in ("dead.txt", "shared.txt", "state")}
    assert modes == {"dead.txt": 0o600, "shared.txt": 0o644, "state": 0o700}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()} == {0o600}


def test_hostile_words_are_kept_in_the_ledger_as_words(tmp_path: Path) -> None:
    maildir(tmp_path / "md", {f"{number:02}": hostile(word) for number, word in enumerate(EVIL)})
    outcome(tmp_path / "md", tmp_path / "ledger")
    with closing(sqlite3.connect(tmp_path / "ledger")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("SELECT count(*) FROM mail").fetchone() == (len(EVIL),)

"""`dsnparse sent import`: what was sent, and who subscribed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.e2e.acted import RUN, acted, command, inside, news, rows
from tests.pipeline.mails import maildir

if TYPE_CHECKING:
    from pathlib import Path

RECENT = (datetime.now(UTC) - timedelta(days=4)).isoformat()


@pytest.fixture
def box(tmp_path: Path) -> Path:
    maildir(tmp_path / "md", {"1": news("alice@example.org")})
    (tmp_path / "config.toml").write_text('[ledger]\npath = "ledger"\n[[list]]\nname = "news"\n')
    return tmp_path


def test_csv_and_json_lines_are_taken_once(box: Path) -> None:
    (box / "sent.csv").write_text(
        f"address,message_id,list,sent_at\nalice@example.org,<news-1@example.org>,news,{RECENT}\n"
    )
    assert command(box, "sent", "import", "sent.csv") == (0, "1 new, 0 known before, 0 left out\n", "")
    lines = b'{"address": "alice@example.org", "message_id": "news-1@example.org", "list": "news", "sent_at": 1}\n'
    assert command(box, "sent", "import", "-", stdin=lines) == (0, "0 new, 1 known before, 0 left out\n", "")
    inside(box, *RUN)
    (row,) = rows(box, "ledger", "export")
    assert (row["event"]["trust"], row["wanted"]) == ("weak", "disable")


def test_a_new_subscription_begins_anew(tmp_path: Path) -> None:
    acted(tmp_path)
    lines = b"address,subscribed_at,list\ncarol@example.com,%s,news\n" % datetime.now(UTC).isoformat().encode()
    assert command(tmp_path, "sent", "import", "-", stdin=lines)[0] == 0
    inside(tmp_path, *RUN)
    assert "carol@example.com" not in [row["address"] for row in rows(tmp_path, "holds", "list", "--json")]


@pytest.mark.parametrize(
    "line",
    [
        b"alice@example.org",
        b"no address,x@example.org,,",
        b"-alice@example.org,x@example.org,,",
        b"alice@example.org,,,",
        b"alice@example.org,x@example.org,,soon",
        b"alice@example.org,x@example.org,,99999999999999999999",
        b"\xff\x1b[2J,x,,",
    ],
)
def test_a_line_that_cannot_be_taken_is_named_and_the_others_are_taken(box: Path, line: bytes) -> None:
    stdin = b"address,message_id,list,sent_at\n" + line + b"\nbob@example.net,y@example.org,,\n"
    code, out, err = command(box, "sent", "import", "-", stdin=stdin)
    assert (code, out) == (1, "1 new, 0 known before, 1 left out\n")
    assert err.startswith("dsnparse: -: line 2: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "stdin", [b"", b"name,mail\n", b"\x00\x00", b"message_id\nx\n", b"address,secret\na@b.example,x\n"]
)
def test_what_is_no_table_is_exit_2(box: Path, stdin: bytes) -> None:
    code, out, err = command(box, "sent", "import", "-", stdin=stdin)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1

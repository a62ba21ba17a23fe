from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsnparse.adapters import Outcome, make
from dsnparse.adapters.suppression import SuppressionFile
from dsnparse.adapters.suppression_rows import LAYOUTS, by_name, layout
from dsnparse.errors import ConfigError
from dsnparse.model import Wanted
from dsnparse.settings import Table
from tests.adapters.test_suppression import _File
from tests.contracts.adapter import decision, removal

if TYPE_CHECKING:
    from pathlib import Path

    from dsnparse.adapters import Adapter


class _Layout(_File):
    """The contract for a layout that the name of the file does not tell."""

    name = "dead"
    layout_name = ""

    @pytest.fixture
    def adapter(self, tmp_path: Path) -> Adapter:
        self.file = tmp_path / "folder" / self.name
        return SuppressionFile(str(self.file), layout(self.layout_name))

    def text(self) -> str:
        return self.file.read_text() if self.file.is_file() else ""


class TestJsonLines(_Layout):
    """One JSON object a line."""

    layout_name = "jsonl"

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {json.loads(line)["address"] for line in self.text().splitlines()}


class TestSes(_Layout):
    """Amazon SES."""

    layout_name = "ses"

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {row[0] for row in csv.reader(self.text().splitlines())}


class TestSendGrid(_Layout):
    """SendGrid."""

    layout_name = "sendgrid"

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {row["email"] for row in csv.DictReader(self.text().splitlines())}


class TestPostmark(_Layout):
    """Postmark."""

    layout_name = "postmark"

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return {row["EmailAddress"] for row in csv.DictReader(self.text().splitlines())}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", "a@example.org\nb@example.org\n"),
        ("ses", "a@example.org,BOUNCE\nb@example.org,COMPLAINT\n"),
        ("sendgrid", "email\na@example.org\nb@example.org\n"),
        ("postmark", "EmailAddress\na@example.org\nb@example.org\n"),
    ],
)
def test_layouts(tmp_path: Path, name: str, expected: str) -> None:
    complaint = removal("b@example.org")
    complaint = replace(complaint, event=replace(complaint.event, reason=None, feedback_type="abuse"))
    path = tmp_path / "dead"
    SuppressionFile(str(path), layout(name)).apply([removal("a@example.org"), complaint])
    assert path.read_bytes().decode() == expected


def test_a_line_of_json_says_why(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    SuppressionFile(str(path)).apply([removal("a@example.org", original="\udcff\n")])
    (line,) = path.read_text().splitlines()
    assert json.loads(line) == {
        "address": "a@example.org",
        "list": "",
        "reason": "user_unknown",
        "status": "5.1.1",
        "since": "2026-01-02T03:04:05+00:00",
        "message_id": "?\n",
        "why": "the address is dead",
    }


OLD = [
    ("plain", b"# zed@example.org\r\nZED@example.org\r\nlast@example.org"),
    ("csv", b'\xef\xbb\xbflist,Email\n"two\nlines",zed@example.org\nnews,last@example.org\n'),
    ("csv", b"email,note\nzed@example.org,a\x0cb\xe2\x80\xa8c\xff\nlast@example.org,\n"),
    ("jsonl", b'{"email": "Zed@example.org"}\n[1]\nno json\n{"address": 1}\n\n{"emailAddress":"last@example.org"}\n'),
    ("jsonl", b'{"address": "zed@example.org"}\n' + b"[" * 100_000 + b"\n"),
    ("ses", b"zed@example.org,BOUNCE\r\nlast@example.org,COMPLAINT\r\n"),
    ("sendgrid", b"email\nzed@example.org\nlast@example.org\n"),
    ("postmark", b'EmailAddress,SuppressionReason\nzed@example.org,"Hard\nBounce"\nlast@example.org,x\n'),
]


@pytest.mark.parametrize(("name", "old"), OLD)
def test_rows_of_others_stay_byte_for_byte_and_a_restore_takes_one_out(tmp_path: Path, name: str, old: bytes) -> None:
    path = tmp_path / "dead"
    path.write_bytes(old)
    adapter = SuppressionFile(str(path), layout(name))
    steps = [
        (Wanted.REMOVE, "zed@example.org", Outcome.ALREADY),
        (Wanted.REMOVE, "new@example.org", Outcome.DONE),
        (Wanted.RESTORE, "new@example.org", Outcome.DONE),
    ]
    for wanted, address, outcome in steps:
        (answer,) = adapter.apply([decision(wanted, address)])
        assert answer.outcome is outcome
    assert path.read_bytes() == old + (b"" if old.endswith(b"\n") else b"\n")
    adapter.apply([decision(Wanted.RESTORE, "zed@example.org")])
    left = path.read_bytes()
    assert b"zed@example.org" not in left.lower().replace(b"# zed@example.org", b"")
    assert (b"last@example.org" in left) is (b"last@example.org" in old)
    assert (b"new@" in left) is False


def test_a_disable_and_its_restore_in_one_batch_leave_nothing(tmp_path: Path) -> None:
    for name in LAYOUTS:
        adapter = SuppressionFile(str(tmp_path / name), layout(name))
        adapter.apply([decision(Wanted.DISABLE, "a@example.org"), decision(Wanted.RESTORE, "a@example.org")])
        assert "a@example.org" not in (tmp_path / name).read_text()


@pytest.mark.parametrize(("guarded", "cell"), [(True, "'=1+1@example.org"), (False, "=1+1@example.org")])
def test_the_guard_against_formulas_can_be_switched_off(tmp_path: Path, cell: str, *, guarded: bool) -> None:
    values = {"type": "suppression", "path": "dead.csv"} | ({} if guarded else {"formula_guard": False})
    make(Table(values, "", tmp_path)).apply([removal("a@example.org", original="=1+1@example.org")])
    with (tmp_path / "dead.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["message_id"] == cell


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("dead", "plain"),
        ("dead.txt", "plain"),
        ("dead.CSV", "csv"),
        ("dead.jsonl", "jsonl"),
        ("dead.ndjson", "jsonl"),
        ("csv", "plain"),
    ],
)
def test_the_name_of_the_file_tells_the_layout(path: str, name: str) -> None:
    assert by_name(path) == name


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"path": "x", "layout": "mailchimp"}, "layout"),
        ({"path": "x", "formula_guard": 1}, "formula_guard"),
        ({}, "path"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "suppression", **values}, "adapter[0]"))

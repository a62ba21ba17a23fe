from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from dsnparse.trust import Key, Keys, TrustSettings, verify
from tests.e2e.command import dsnparse_command

if TYPE_CHECKING:
    from pathlib import Path

FORM = "bounces+{token}@lists.example.org"
LISTED = "{list}-" + FORM
SECRET = "0123456789abcdef-never-to-be-seen"  # noqa: S105 - of these tests
SETTINGS = TrustSettings(return_paths=(FORM, LISTED), keys=Keys((Key(3, SECRET.encode()),)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text(SECRET + "\n", "utf-8")
    key = '[[trust.keys]]\nid = 3\nsecret_file = "secret"\n'
    text = f'[trust]\nreturn_path = ["{FORM}", "{LISTED}"]\n{key}'
    (tmp_path / "config.toml").write_text(text, "utf-8")
    return tmp_path


def token(folder: Path, *args: str | bytes, form: str | None = FORM, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run `dsnparse token` with the secret's file, or with the configuration where form is None."""
    named = ["--config", "config.toml"]
    if form is not None:
        named = ["--return-path", form, "--secret-file", "secret", "--key-id", "3"]
    done = dsnparse_command(folder, "token", *args, *named, stdin=stdin)
    assert SECRET.encode() not in done.stdout + done.stderr
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def made(folder: Path, *args: str, form: str | None = FORM) -> str:
    code, out, err = token(folder, "make", *args, form=form)
    assert (code, err, out[-1:]) == (0, "", "\n")
    return out[:-1]


def checked(folder: Path, *args: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(token(folder, "check", "--json", *args)[1])
    return answer


def test_make_prints_the_return_path_and_nothing_else(folder: Path) -> None:
    assert verify(made(folder, "alice@example.org"), SETTINGS, datetime.now(UTC)) is not None
    listed = verify(made(folder, "alice@example.org", "--list", "News", form=LISTED), SETTINGS, datetime.now(UTC))
    assert listed is not None
    assert (listed.list, listed.key_id) == ("news", 3)


def test_the_configuration_gives_the_same_as_the_options(folder: Path) -> None:
    assert made(folder, "alice@example.org", form=None) == made(folder, "alice@example.org")
    assert made(folder, "a@example.org", "--list", "n", form=None) == made(
        folder, "a@example.org", "--list", "n", form=LISTED
    )


def test_make_reads_many_addresses_and_leaves_out_what_is_none(folder: Path) -> None:
    stdin = b"alice@example.org\r\n\nno address\n\xff@\n  bob@example.net"
    code, out, err = token(folder, "make", "-", stdin=stdin)
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows == [[each, made(folder, each)] for each in ("alice@example.org", "bob@example.net")]
    assert code == 1
    assert [line.split(" is no ")[0] for line in err.splitlines()] == [
        "dsnparse: line 3: 'no address'",
        "dsnparse: line 4: 'ÿ@'",
    ]


def test_several_addresses_give_a_line_each(folder: Path) -> None:
    code, out, err = token(folder, "make", "alice@example.org", "bob@example.net")
    assert (code, err) == (0, "")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["alice@example.org", "bob@example.net"]


def test_make_survives_a_line_without_end(folder: Path) -> None:
    code, out, _ = token(folder, "make", "-", stdin=b"a" * 100_000 + b"\nalice@example.org\n")
    assert code == 1
    assert out.startswith("alice@example.org\t")


def test_check_says_what_a_return_path_holds(folder: Path) -> None:
    path = made(folder, "alice@example.org")
    code, out, err = token(folder, "check", path.upper())
    assert (code, err) == (0, "")
    assert out.startswith("valid\n")
    assert f"{datetime.now(UTC).date()}" in out
    told = checked(folder, path)
    assert (told["valid"], told["list"], told["key_id"], told["problem"]) == (True, None, 3, None)
    assert len(told["subscriber"]) == 16


def test_check_says_whether_it_was_made_for_an_address(folder: Path) -> None:
    path = made(folder, "alice@example.org")
    assert token(folder, "check", path, "--address", "Alice@Example.org")[0] == 0
    assert token(folder, "check", path, "--address", "bob@example.net")[0] == 1
    assert checked(folder, path, "--address", "bob@example.net")["made_for_address"] is False


@pytest.mark.parametrize(
    ("recipient", "problem"),
    [
        ("bounces@lists.example.org", "not ours"),
        ("bounces+aaaaaaaaaaaaaaaaaaaaaaaa@lists.example.org", "malformed"),
        ("bounces+aebvck4rch5yoquaqacsu6fig6sri7wr@lists.example.org", "bad signature"),
        ("bounces+aeavck4rch5yoquaqacsu6fig6sri7wr@lists.example.org", "unknown key"),
        ("\x1b[2J\n", "not ours"),
        ("", "not ours"),
    ],
)
def test_check_says_why_not(folder: Path, recipient: str, problem: str) -> None:
    code, out, err = token(folder, "check", recipient)
    assert (code, err) == (1, "")
    assert out.startswith("not valid: ")
    assert out.isascii()
    assert "\x1b" not in out
    assert checked(folder, recipient)["problem"] == problem


def test_new_secret_prints_another_each_time_and_it_is_taken(tmp_path: Path) -> None:
    one, other = (dsnparse_command(tmp_path, "token", "new-secret").stdout for _ in range(2))
    assert one != other
    assert len(one) == 65
    (tmp_path / "secret").write_bytes(one)
    assert "bounces+" in made(tmp_path, "alice@example.org")


@pytest.mark.parametrize(
    "args",
    [
        ["make"],
        ["make", "no address"],
        ["make", "alice@example.org", "--list", "n" * 40],
        ["make", "alice@example.org", "--list", "news"],  # the form has no {list}
        ["check"],
        ["check", "x", "--config", "config.toml"],  # and the options as well
    ],
)
def test_bad_usage_is_2_and_one_reason(folder: Path, args: list[str]) -> None:
    code, out, err = token(folder, *args)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err


def test_a_bad_secret_or_form_is_2_and_named(folder: Path) -> None:
    (folder / "short").write_text("short", "utf-8")
    for name, problem in (("none", "none: cannot be read"), ("short", "needs 16")):
        done = dsnparse_command(folder, "token", "check", "x", "--return-path", FORM, "--secret-file", name)
        assert done.returncode == 2
        assert problem in done.stderr.decode()
    assert token(folder, "check", "x", form="bounces@lists.example.org")[0] == 2


def test_without_any_setting_the_command_says_what_to_give(tmp_path: Path) -> None:
    code = f"import os; os.environ.update(XDG_CONFIG_HOME={str(tmp_path)!r}, DSNPARSE_CONFIG='')"
    (tmp_path / "empty.toml").write_text("", "utf-8")
    for args in (["check", "x"], ["make", "alice@example.org", "--config", "empty.toml"]):
        done = dsnparse_command(tmp_path, "token", *args, code=code)
        assert done.returncode == 2
        assert "--return-path" in done.stderr.decode() or "[trust] has no return_path" in done.stderr.decode()

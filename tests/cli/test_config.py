from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dsnparse.cli.group import start
from dsnparse.config import default, load
from tests.config.examples import SECRETS, WORDS, everything, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs `dsnparse config` in a home of its own: exit code, stdout, stderr."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("DSNPARSE_CONFIG", raising=False)
    monkeypatch.setattr("dsnparse.settings._SYSTEM", str(tmp_path / "etc.toml"))
    monkeypatch.chdir(tmp_path)

    def ran(*args: str) -> tuple[int, str, str]:
        code = start(["config", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ran


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_writes_the_template_where_it_is_found_for_its_owner_only(run: Run, tmp_path: Path) -> None:
    path = tmp_path / ".config" / "dsnparse" / "config.toml"
    assert run("init") == (0, f"{path}\n", "")
    assert path.read_text() == template()
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert replace(load(str(path)), path=None) == default()


def test_init_writes_to_the_file_that_the_variable_names(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSNPARSE_CONFIG", str(tmp_path / "own" / "d.toml"))
    assert run("init")[:2] == (0, f"{tmp_path}/own/d.toml\n")
    assert run("show")[1].startswith(f"# {tmp_path}/own/d.toml\n")


def test_init_never_takes_the_place_of_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("mine", "link"):
        code, out, err = run("init", name)
        assert (code, out) == (2, "")
        assert err == f"dsnparse: {name}: cannot be written: File exists\n"
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_init_says_why_it_cannot_write(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("init", "file/config.toml") == (2, "", "dsnparse: file: cannot be written: File exists\n")
    assert run("init", "x" * 300)[0] == 2


def test_every_line_of_the_template_is_a_remark_or_a_setting_switched_off() -> None:
    for line in template().splitlines():
        assert re.fullmatch(r"|# .*|#\[\[?[a-z._]+\]\]?|#[a-z_]+ = \S.*", line), line
        assert len(line) <= 120


def test_show_prints_what_load_reads_back_as_the_same_settings(run: Run, tmp_path: Path) -> None:
    path = everything(tmp_path)
    code, out, err = run("show", "--config", str(path))
    assert (code, err) == (0, "")
    again = tmp_path / "again.toml"
    again.write_text(out)
    first, second = load(str(path)), load(str(again))
    assert replace(second, path=first.path, adapters=()) == replace(first, adapters=())
    assert [(one.type, one.lists, one.settings) for one in second.adapters] == [
        (one.type, one.lists, one.settings) for one in first.adapters
    ]


def test_show_says_where_secrets_come_from_and_never_what_they_are(run: Run, tmp_path: Path) -> None:
    out = run("show", "--config", str(everything(tmp_path)))[1]
    assert WORDS not in out
    assert f'secret_file = "{tmp_path}/token.secret"  # set\n' in out
    assert f"# password: set, from file {tmp_path}/mailman.secret\n" in out
    assert f"# secret: set, from file {tmp_path}/webhook.secret\n" in out
    assert all(f"{tmp_path}/{name}" in out for name in SECRETS)


def test_show_names_a_variable_that_holds_a_secret(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", WORDS)
    text = '[notify.webhook]\nurl = "https://x.example.org"\nsecret_env = "HOOK"\n'
    (tmp_path / "etc.toml").write_text(text)
    out = run("show")[1]
    assert 'secret_env = "HOOK"  # set\n' in out
    assert WORDS not in out


def test_show_without_a_file_prints_the_defaults(run: Run) -> None:
    code, out, _ = run("show")
    assert (code, out.splitlines()[0]) == (0, "# no file: the defaults")
    values = tomllib.loads(out)
    assert values["policy"]["preset"] == "careful"
    assert values["guard"]["share"] == "5 %"
    assert values["policy"]["reason"]["user_unknown"]["action"] == "remove"
    assert "# keys: not set\n" in out
    assert "# webhook: not set\n" in out


def test_show_prints_nothing_that_drives_a_terminal(run: Run, tmp_path: Path) -> None:
    odd = r'"a\u001b[2J\u202eb\"\\"'
    text = f'[[adapter]]\ntype = "suppression"\npath = {odd}\n[source]\npaths = ["\\u0085\\U000e0001"]\n'
    (tmp_path / "odd.toml").write_text(text)
    code, out, _ = run("show", "--config", "odd.toml")
    assert code == 0
    assert all(letter.isprintable() or letter == "\n" for letter in out)
    assert tomllib.loads(out)["adapter"][0]["path"] == 'a\x1b[2J\u202eb"\\'


def test_show_of_a_bad_file_is_one_line_and_exit_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[guard]\nnumbre = 5\n")
    code, out, err = run("show", "--config", "bad.toml")
    assert (code, out) == (2, "")
    assert err.startswith("dsnparse: bad.toml: guard.numbre: is no setting; known here are number,")
    assert err.count("\n") == 1

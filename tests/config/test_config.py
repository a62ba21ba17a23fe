from __future__ import annotations

import re
import socket
import tomllib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dsnparse.cli.as_toml import lines
from dsnparse.config import Config, default, load
from dsnparse.errors import ConfigError
from dsnparse.ledger import default_path
from dsnparse.settings import find, user_path
from tests.config.examples import SECRETS, WORDS, everything, template
from tests.conftest import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def loaded(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(str(path))


def test_without_a_file_the_defaults_are_in_effect() -> None:
    config = default()
    assert (config.path, config.ledger, config.paths) == (None, default_path(), ())
    assert (config.policy.name, config.guard.number, config.trust.return_paths) == ("careful", 100, ())
    assert (config.lists, config.adapters, config.protect, config.secrets) == ((), (), (), ())
    assert config.notify.mail_to == ()
    assert config.retention.events == timedelta(days=400)


def test_an_empty_file_and_the_template_say_the_same_as_no_file(tmp_path: Path) -> None:
    for text in ("", "\ufeff# nothing\r\n", template()):
        config = loaded(tmp_path, text)
        assert replace(config, path=None) == default()
        assert config.path == str(tmp_path / "config.toml")


def test_every_setting_of_the_template_is_valid_and_what_it_shows_as_default_is_the_default(tmp_path: Path) -> None:
    path = everything(tmp_path)
    config, usual = load(str(path)), default()
    assert (config.policy, config.guard, config.limits) == (usual.policy, usual.guard, usual.limits)
    assert config.retention == usual.retention
    assert (config.trust.max_age, config.trust.envelope_headers) == (usual.trust.max_age, usual.trust.envelope_headers)
    assert (config.notify.way, config.notify.rows) == (usual.notify.way, usual.notify.rows)
    assert config.ledger == "/var/lib/dsnparse/ledger.sqlite3"
    assert config.protect == ("postmaster@example.org", "boss@example.org")
    assert [(one.name, one.list_ids, one.size, one.protect) for one in config.lists] == [
        ("news", ("news.lists.example.org",), 1200, ("owner@example.org",)),
    ]
    assert [(route.type, route.lists) for route in config.adapters] == [
        *(("suppression", ()), ("mailman", ("news",)), ("webhook", ())),
    ]
    assert config.adapters[0].adapter.name == "suppression:/var/lib/dsnparse/dead.txt"


def test_no_secret_stands_in_a_repr(tmp_path: Path) -> None:
    config = load(str(everything(tmp_path)))
    assert WORDS not in repr(config)
    assert WORDS not in "".join(map(repr, config.adapters))
    assert {secret.file for secret in config.secrets} == {str(tmp_path / name) for name in SECRETS}


def test_loading_opens_no_connection_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = everything(tmp_path)
    before = {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*")}

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    load(str(path))
    assert {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*")} == before


def test_paths_are_taken_against_the_files_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "config.toml").write_text(
        '[ledger]\npath = "l"\n[source]\npaths = ["a", "/b"]\n[[adapter]]\ntype = "suppression"\npath = "dead"\n'
    )
    monkeypatch.chdir(tmp_path)
    config = load("etc/config.toml")
    assert config.ledger == str(tmp_path / "etc" / "l")
    assert config.paths == (str(tmp_path / "etc" / "a"), "/b")
    assert config.adapters[0].adapter.name == f"suppression:{tmp_path}/etc/dead"


LIST = '[[list]]\nname = "news"\nlist_ids = ["news.example.org"]\n'
SUPPRESS = '[[adapter]]\ntype = "suppression"\npath = "dead"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[ledger", r"Expected '\]' at the end of a table declaration \(at end of document\)"),
        ("a = 1\nb = 2 3\n", r"Expected newline or end of document after a statement \(at line 2, column 7\)"),
        ("x = 1", r"x: is no setting; known here are adapter, guard, ledger, limits, list, notify, policy, protect,"),
        ("[legder]", r"legder: is no setting"),
        ("ledger = 1", r"ledger: must be a table"),
        ("[ledger]\nfile = 'x'", r"ledger\.file: is no setting; known here are path"),
        ("[ledger]\npath = ''", r"ledger\.path: must name a file"),
        ("[source]\npaths = 'x'", r"source\.paths: must be a list of strings"),
        ("[policy]\npreset = 'bold'", r"policy\.preset: 'bold' is none of careful, esp, mailman"),
        ("[policy.reason.spam_content]\nfailures = 1", r"policy\.reason\.spam_content: is never counted"),
        ("[policy.reason.user_unknown]\nfailure = 1", r"policy\.reason\.user_unknown\.failure: is no setting"),
        ("[guard]\nshare = 5", r"guard\.share: must be a string in quotes"),
        ("[guard]\nstorm_cap = -1", r"guard\.storm_cap: must be at least 1"),
        ("[trust]\nreturn_path = 'bounces@example.org'", r"trust\.return_path: "),
        ("[list]\nname = 'x'", r"list: must be an array of tables, \[\[\.\.\.\]\]"),
        ("[[list]]", r"list\[0\]\.name: is missing"),
        ("[[list]]\nname = ''", r"list\[0\]\.name: must be one line of printable letters"),
        ('[[list]]\nname = "a\\nb"', r"list\[0\]\.name: must be one line of printable letters"),
        (LIST + LIST, r"list\[1\]\.name: 'news' is the name of another list"),
        (LIST + LIST.replace('"news"', '"talk"'), r"list\[1\]\.list_ids: 'news\.example\.org' is empty, or belongs"),
        (LIST + "size = 0", r"list\[0\]\.size: must be at least 1"),
        (LIST + "protect = ['Boss <boss@example.org>']", r"list\[0\]\.protect: 'Boss <boss@example\.org>' is no plain"),
        (LIST + "sizes = 3", r"list\[0\]\.sizes: is no setting; known here are list_ids, name, protect"),
        ("[protect]\naddresses = ['boss']", r"protect\.addresses: 'boss' is no plain address"),
        ("[protect]\nfile = 'none'", r"protect\.file: .*/none: cannot be read: No such file or directory"),
        (
            "[protect]\nfile = 'config.toml'",
            r"protect\.file: .*/config\.toml line 1: '\[protect\]' is no plain address",
        ),
        ("[[adapter]]", r"adapter\[0\]\.type: is missing"),
        ("[[adapter]]\ntype = 'pigeon'", r"adapter\[0\]\.type: 'pigeon' is none of"),
        (SUPPRESS + SUPPRESS.replace("dead", "more") + "mode = 'x'", r"adapter\[1\]\.mode: is no setting"),
        (SUPPRESS + SUPPRESS, r"adapter\[1\]\.type: suppression:.*/dead stands in another \[\[adapter\]\]"),
        (SUPPRESS + "[ledger]\npath = 'x/../dead'", r"adapter\[0\]\.path: is the ledger"),
        (SUPPRESS + "lists = ['talk']", r"adapter\[0\]\.lists: no \[\[list\]\] has the name 'talk'"),
        ("[[adapter]]\ntype = 'webhook'\nurl = 'https://x.example.org'\nsecret = 'hunter2'", r"adapter\[0\]\.secret: "),
        ("[retention]\nevents = '0d'", r"retention\.events: must be at least a day"),
        ("[retention]\nevents = '30d'", r"retention\.events: is shorter than the window in which user_unknown counts"),
        ("[retention]\nevent = '30d'", r"retention\.event: is no setting"),
        ("[limits]\nparts = 0", r"limits\.parts: must be a whole number from 1 to"),
        ("[limits]\nspeed = 1", r"limits\.speed: is no setting"),
        (
            "[notify]\nmail_to = ['news-bounces@example.org']",
            r"notify\.mail_to: news-bounces@example\.org is an address",
        ),
        ("a = " + "[" * 5_000, r"is no TOML that can be read"),
    ],
)
def test_an_error_names_the_file_and_the_key_path_or_the_line(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert re.match(f"{re.escape(str(tmp_path))}/config.toml: {problem}", str(caught.value))
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (lambda _: None, "cannot be read: No such file or directory"),
        (lambda path: path.mkdir(), "cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b"# \xff"), "is no UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(
    prepare: Callable[[Path], object], problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    prepare(path)
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    assert str(caught.value) == f"{path}: {problem}"


def test_a_notice_never_goes_to_our_own_return_path(tmp_path: Path) -> None:
    text = everything(tmp_path).read_text().replace("bounces+{token}@", "errors-{token}@")
    loaded(tmp_path, text)
    with pytest.raises(ConfigError, match=r"notify\.mail_to: errors-x@lists\.example\.org is an address that bounces"):
        loaded(tmp_path, text.replace('mail_to = ["owner@example.org"]', 'mail_to = ["errors-x@lists.example.org"]'))


def test_list_ids_and_protected_addresses_are_compared_in_lower_case(tmp_path: Path) -> None:
    text = (
        '[[list]]\nname = "News"\nlist_ids = ["<News.Example.ORG>"]\nprotect = ["Boss@Example.ORG"]\n'
        '[protect]\naddresses = ["A#1@Example.org", "a#1@example.org"]\nfile = "people"\n'
    )
    (tmp_path / "people").write_text("\ufeffA#2@example.org # a remark\r\n#nobody\r\n\r\na#1@example.org\r\n", "utf-8")
    config = loaded(tmp_path, text)
    assert (config.lists[0].name, config.lists[0].list_ids) == ("News", ("news.example.org",))
    assert config.lists[0].protect == ("boss@example.org",)
    assert config.protect == ("a#1@example.org", "a#2@example.org")


def test_shorter_retention_goes_with_shorter_windows(tmp_path: Path) -> None:
    esp = '[policy]\npreset = "esp"\n[retention]\nevents = "30d"\n'  # counts without a window
    assert loaded(tmp_path, esp).retention.events == timedelta(days=30)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("DSNPARSE_CONFIG", raising=False)
    monkeypatch.setattr("dsnparse.settings._SYSTEM", str(tmp_path / "etc.toml"))
    return tmp_path


def test_the_file_named_goes_before_the_variable_the_users_and_the_systems(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find() is None
    (home / "etc.toml").touch()
    assert find() == str(home / "etc.toml")
    own = home / ".config" / "dsnparse" / "config.toml"
    own.parent.mkdir(parents=True)
    own.touch()
    assert find() == user_path() == str(own)
    monkeypatch.setenv("DSNPARSE_CONFIG", "/none/there")
    assert find() == "/none/there"
    assert find("named.toml") == "named.toml"
    monkeypatch.setenv("DSNPARSE_CONFIG", "")
    assert find() == str(own)


def test_a_file_that_cannot_be_looked_at_is_not_passed_over_for_another(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "etc.toml").touch()

    def is_file(path: Path) -> bool:
        if path.name == "config.toml":
            raise PermissionError
        return True

    monkeypatch.setattr("dsnparse.settings.Path.is_file", is_file)
    assert find() == user_path()


def test_the_spool_is_read_besides_the_paths_once_it_is_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    config = loaded(home, '[source]\npaths = ["Maildir"]\n')
    assert config.spool == str(home / "state" / "dsnparse" / "spool")
    assert config.places() == (f"{home}/Maildir",)
    (home / "state" / "dsnparse" / "spool" / "new").mkdir(parents=True)
    assert config.places() == (f"{home}/Maildir", config.spool)
    assert default().places() == (config.spool,)
    named = loaded(home, '[source]\npaths = ["state/dsnparse/../dsnparse/spool/"]\nspool = "state/dsnparse/spool"\n')
    assert named.places() == named.paths  # once is enough


def test_a_relative_xdg_folder_is_ignored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert user_path() == str(home / ".config" / "dsnparse" / "config.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    assert user_path() == str(home / "xdg" / "dsnparse" / "config.toml")


KEY = re.compile(r"^\| ((?:`\w+`(?: or |, )?)+) \|", re.MULTILINE)


def documented(page: str) -> dict[str, set[str]]:
    """Return the keys that docs/config.md tells under each of its headings."""
    return {name: set(re.findall(r"`(\w+)`", " ".join(KEY.findall(text)))) for name, text in sections(page)}


def test_the_documents_tell_every_key_of_the_template_and_no_other(tmp_path: Path) -> None:
    keys = documented((FIXTURES.parent / "docs" / "config.md").read_text())
    values = tomllib.loads(everything(tmp_path).read_text())
    assert sorted(keys) == sorted(values)
    alternatives = {"secret_env", "ca_file", "stale"}  # that stand in the template in another form, or not
    for name, value in values.items():
        tables = value if isinstance(value, list) else [value]
        own = {"type", "lists"}  # the others are those of each type
        shown = own if name == "adapter" else {key for table in tables for key in flat(table)}
        assert keys[name] - alternatives == shown - alternatives, name


def flat(table: dict[str, Any]) -> Iterator[str]:
    """Yield the keys of a table and of those within."""
    for key, value in table.items():
        inner = value if isinstance(value, list) else [value]
        if inner and all(isinstance(each, dict) for each in inner):
            for each in inner:
                yield from flat(each)
        else:
            yield key


def test_the_documents_tell_the_defaults() -> None:
    page = (FIXTURES.parent / "docs" / "config.md").read_text()
    told = {
        section: dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", text, re.MULTILINE))
        for section, text in sections(page)
    }
    values = tomllib.loads("\n".join(lines(default())))
    for name in ("policy", "guard", "notify", "retention", "limits", "trust"):
        for key, text in told[name].items():
            assert tomllib.loads(f"it = {text}")["it"] == values[name][key], f"{name}.{key}"
        assert told[name]


def sections(page: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)[1:]
    yield from ((heading.strip("[]"), text) for heading, text in zip(parts[::2], parts[1::2], strict=True))


def test_the_template_switched_on_has_no_table_twice_and_names_what_the_code_knows(tmp_path: Path) -> None:
    values = tomllib.loads(everything(tmp_path).read_text())
    assert sorted(values) == sorted(
        ["ledger", "source", "policy", "guard", "trust", "list", "protect", "adapter", "notify", "retention", "limits"]
    )

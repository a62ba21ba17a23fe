from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dsnparse.errors import ConfigError
from dsnparse.settings import Table
from dsnparse.trust import Key, Keys, TrustSettings
from tests.trust.ours import DAY, LISTED, NEW, OLD, PLAIN, SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "0123456789abcdef-never-to-be-seen"  # noqa: S105 - of these tests


@pytest.fixture
def secret(tmp_path: Path) -> str:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n", "utf-8")
    return str(file)


def load(**values: Any) -> TrustSettings:  # noqa: ANN401 - what TOML may hold
    return TrustSettings.from_table(Table(values, "trust"))


def test_an_empty_table_is_no_keys_and_the_defaults() -> None:
    assert load() == TrustSettings()
    assert load().max_age == 30 * DAY
    assert load().envelope_headers == ("Delivered-To",)


def test_every_setting_is_taken(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOND", "another secret from the environment")
    settings = load(
        return_path=[PLAIN, LISTED],
        keys=[{"id": 7, "secret_file": secret}, {"id": 8, "secret_env": "SECOND"}],
        max_age="14d",
        own_hosts=["MX.example.org."],
        envelope_headers=["x-original-to", "Delivered-To"],
    )
    keys = Keys((Key(7, SECRET.encode()), Key(8, b"another secret from the environment")))
    assert settings == TrustSettings(
        return_paths=(PLAIN, LISTED),
        keys=keys,
        max_age=timedelta(days=14),
        own_hosts=("mx.example.org",),
        envelope_headers=("X-Original-To", "Delivered-To"),
    )


def test_one_return_path_needs_no_brackets(secret: str) -> None:
    assert load(return_path=PLAIN, keys=[{"id": 0, "secret_file": secret}]).return_paths == (PLAIN,)


def test_no_secret_shows(secret: str) -> None:
    settings = load(return_path=PLAIN, keys=[{"id": 7, "secret_file": secret}])
    for shown in (repr(settings), str(settings.keys), repr(settings.keys.signing), f"{settings.keys.get(7)}"):
        assert "never" not in shown
        assert SECRET.encode().hex() not in shown


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"return_path": PLAIN}, "trust.keys: return_path needs a key"),
        ({"keys": [{"id": 1}]}, r"trust.keys\[0\].secret_file: is missing"),
        ({"keys": [{"id": 1, "secret": SECRET}]}, r"trust.keys\[0\].secret: secrets do not stand here"),
        ({"keys": [{"id": 1, "secret_file": "/none/there"}]}, r"trust.keys\[0\].secret_file: /none/there: cannot be"),
        ({"keys": [{"secret_env": "SHORT"}]}, r"trust.keys\[0\].id: is missing"),
        ({"keys": [{"id": 1, "secret_env": "SHORT"}]}, r"trust.keys\[0\].secret_file: .* has 15 octets, and needs 16"),
        ({"keys": [{"id": 256, "secret_env": "LONG"}]}, r"trust.keys\[0\].id: .* 0 to 255, not 256"),
        ({"keys": [{"id": -1, "secret_env": "LONG"}]}, r"trust.keys\[0\].id"),
        ({"keys": [{"id": 1, "secret_env": "LONG"}]}, "trust.return_path: keys need one"),
        ({"keys": [{"id": 1, "secret_env": "LONG"}] * 2}, r"trust.keys\[1\].id: two keys have the same id"),
        ({"keys": [{"id": 1, "secret_env": "LONG", "day": 1}]}, r"trust.keys\[0\].day: is no setting"),
        ({"return_path": 5}, "trust.return_path: must be"),
        ({"return_path": [PLAIN, 5]}, "trust.return_path: must be"),
        ({"max_age": "12h"}, "trust.max_age: must be at least"),
        ({"max_age": "soon"}, "trust.max_age: must be a time"),
        ({"own_hosts": "mx"}, "trust.own_hosts: must be a list"),
        ({"own_hosts": ["mx example"]}, "trust.own_hosts: 'mx example' is no host name"),
        ({"envelope_headers": ["To"]}, "trust.envelope_headers: 'To' is none of Delivered-To"),
        ({"envelope_headers": ["Return-Path"]}, "trust.envelope_headers"),
        ({"envelop_headers": ["Delivered-To"]}, "trust.envelop_headers: is no setting"),
    ],
)
def test_a_bad_setting_is_an_error_that_names_the_key(
    values: dict[str, object], error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHORT", SECRET[:15])
    monkeypatch.setenv("LONG", SECRET)
    with pytest.raises(ConfigError, match=error) as raised:
        load(**values)
    assert SECRET[:15] not in str(raised.value)


@pytest.mark.parametrize(
    "form",
    [
        "",
        "bounces@lists.example.org",
        "{token}@lists.example.org",
        "bounces{token}@lists.example.org",
        "bounces+{token}x@lists.example.org",
        "{list}{token}@lists.example.org",
        "{token}{list}+@lists.example.org",
        "b+{token}+{token}@lists.example.org",
        "{list}+{list}+{token}@lists.example.org",
        "b+{token}+{name}@lists.example.org",
        "b+{token}@localhost",
        "b+{token}@{list}.example.org",
        "b..{token}@lists.example.org",
        ".b+{token}@lists.example.org",
        "b +{token}@lists.example.org",
        "b+{token}@lists.example.org\n",
        "bücher+{token}@lists.example.org",
        '"b"+{token}@lists.example.org',
        f"b+{{token}}@{'a' * 250}.example.org",
    ],
)
def test_a_form_that_cannot_be_is_refused(form: str, secret: str) -> None:
    with pytest.raises(ConfigError, match=r"^trust.return_path: .*such as 'bounces\+{token}@lists.example.org'"):
        load(return_path=form, keys=[{"id": 0, "secret_file": secret}])


def test_settings_made_in_python_are_checked_too() -> None:
    with pytest.raises(ConfigError, match="return paths need a key"):
        TrustSettings(return_paths=(PLAIN,))
    with pytest.raises(ConfigError, match=r"needs \{token\} once"):
        TrustSettings(return_paths=("bounces@lists.example.org",), keys=SETTINGS.keys)
    with pytest.raises(ConfigError, match="at least one day"):
        TrustSettings(max_age=timedelta(hours=2))
    with pytest.raises(ConfigError, match="same id"):
        Keys((OLD, NEW, Key(OLD.id, NEW.secret)))
    with pytest.raises(ConfigError, match="has 15 octets"):
        Key(1, b"x" * 15)


def test_the_last_key_signs() -> None:
    assert Keys((OLD, NEW)).signing == NEW
    assert Keys((NEW, OLD)).signing == OLD
    assert Keys().signing is None
    assert list(Keys((OLD, NEW))) == [OLD, NEW]

"""The settings in effect as a TOML file: what `dsnparse config show` prints, and what `load` would read again.

No secret stands in it, as in no file of settings: only the file or the variable that each comes from.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dsnparse.policy.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dsnparse.config import Config
    from dsnparse.notices import NotifySettings
    from dsnparse.settings import SecretSource
    from dsnparse.trust import TrustSettings

__all__ = ["lines"]

_DAY: Final = 86_400
_UNITS: Final = (("d", _DAY), ("h", 3_600), ("m", 60), ("s", 1))
_SHORT: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_BMP: Final = 0xFFFF


def lines(config: Config) -> Iterator[str]:
    """Yield the lines, without line ends."""
    yield f"# {_text(config.path)}" if config.path else "# no file: the defaults"
    yield from _table("ledger", {"path": config.ledger})
    yield from _table("source", {"paths": config.paths, "spool": config.spool})
    policy = config.policy
    yield from _table(
        "policy", {"preset": policy.name, "settle": policy.settle, "accept_unsigned": policy.accept_unsigned}
    )
    for kind, row in policy.rows.items():
        if kind in KINDS:  # a preset's count of any failure has no key
            yield from _table(
                f"policy.reason.{kind}", {one.name: getattr(row, one.name) or _never(one.name) for one in fields(row)}
            )
    yield from _table("guard", {one.name: _share(getattr(config.guard, one.name)) for one in fields(config.guard)})
    yield from _trust(config.trust, config.secrets)
    yield from _table("protect", {"addresses": config.protect})
    for each in config.lists:
        values = {one.name: getattr(each, one.name) for one in fields(each)}
        yield from _table("[list]", {key: value for key, value in values.items() if value is not None})
    for number, route in enumerate(config.adapters):
        yield from _table("[adapter]", route.settings)
        yield from _kept(f"adapter[{number}]", config.secrets)
    yield from _table("retention", {one.name: getattr(config.retention, one.name) for one in fields(config.retention)})
    yield from _table("limits", {one.name: getattr(config.limits, one.name) for one in fields(config.limits)})
    yield from _notify(config.notify, config.secrets)


def _never(name: str) -> object:
    """Return what stands for "never" and for "no limit"."""
    return 0 if name in {"failures", "unproven", "days"} else timedelta(0)


def _trust(trust: TrustSettings, secrets: tuple[SecretSource, ...]) -> Iterator[str]:
    values: dict[str, object] = {"return_path": trust.return_paths} if trust.return_paths else {}
    names = ("max_age", "own_hosts", "envelope_headers")
    yield from _table("trust", values | {name: getattr(trust, name) for name in names})
    if not trust.keys:
        yield "# keys: not set"
    for number, key in enumerate(trust.keys):
        yield from _table("[trust.keys]", {"id": key.id})
        yield from _origins(f"trust.keys[{number}]", secrets)


def _notify(notify: NotifySettings, secrets: tuple[SecretSource, ...]) -> Iterator[str]:
    way = notify.way
    values: dict[str, object] = {"mail_to": notify.mail_to}
    values |= {"mail_from": notify.mail_from} if notify.mail_from else {}
    values |= {"how": "smtp" if way.sendmail is None else "sendmail"}
    values |= {} if way.sendmail is None else {"sendmail": way.sendmail}
    values |= {"smtp_host": way.host, "smtp_port": way.port, "smtp_tls": way.tls}
    yield from _table("notify", values | {"always": notify.always, "rows": notify.rows})
    if notify.webhook is None:
        yield "# webhook: not set"
    else:
        site = notify.webhook.site
        more = {"ca_file": site.ca_file} if site.ca_file else {}
        yield from _table("notify.webhook", {"url": site.url, "timeout": timedelta(seconds=site.timeout)} | more)
        yield from _origins("notify.webhook", secrets)


def _origins(where: str, secrets: tuple[SecretSource, ...]) -> Iterator[str]:
    """Yield the keys that name where the secrets of a table come from."""
    for secret in secrets:
        table, _, key = secret.key.rpartition(".")
        if table == where:
            yield f"{key} = {_value(secret.file or secret.variable)}  # set"


def _kept(where: str, secrets: tuple[SecretSource, ...]) -> Iterator[str]:
    """Yield a remark for each secret of a table whose keys were shown as they stand in the file."""
    for secret in secrets:
        if secret.key.startswith(f"{where}."):
            name = secret.key.removeprefix(f"{where}.").removesuffix("_file").removesuffix("_env")
            origin = f"file {secret.file}" if secret.file else f"the environment variable {secret.variable}"
            yield f"# {_text(name)}: set, from {_text(origin)}"


def _table(name: str, values: Mapping[str, object]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    for key, value in values.items():
        yield f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "a").replace("-", "a").isalnum() else f'"{_text(key)}"'


def _value(value: object) -> str:
    match value:
        case bool():
            text = "true" if value else "false"
        case timedelta():
            text = f'"{_time(value)}"'
        case str():
            text = f'"{_text(value)}"'
        case dict():
            text = f"{{ {', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())} }}"
        case tuple() | list():
            text = f"[{', '.join(map(_value, value))}]"
        case _:  # numbers, and the dates of TOML
            text = str(value)
    return text


def _share(value: object) -> object:
    """Return a part of one as percent, as the settings want it; anything else as it is."""
    return f"{value * 100:.4f}".rstrip("0").rstrip(".") + " %" if isinstance(value, float) else value


def _text(text: str) -> str:
    """Return text as it stands between the quotes of a basic string; nothing in it drives a terminal."""
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\U{code:08x}" if code > _BMP else f"\\u{code:04x}"


def _time(value: timedelta) -> str:
    """Return a time in the greatest unit that says it whole; one day is 24h, as people write it."""
    seconds = int(value.total_seconds())
    letter, size = next(
        (letter, size) for letter, size in _UNITS if seconds % size == 0 and (size, seconds) != (_DAY, _DAY)
    )
    return f"{seconds // size}{letter}" if seconds else "0d"

"""Finding and reading a file of settings: each value by its key, with its type, and an error that names the key path.

Every room that can be configured takes its own table and calls `done` at the end, so that a misspelt key is an error
and never a setting that silently does nothing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from dsnparse.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SecretSource", "Table", "duration", "find", "read", "share", "state_path", "user_path"]

_SYSTEM: Final = "/etc/dsnparse/config.toml"
_DURATION: Final = re.compile(r"([0-9]{1,6})\s?(s|m|h|d|w)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST: Final = timedelta(days=36_500)  # a hundred years: a longer one would carry a date past what datetime holds
_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)\s?%")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretSource:
    """Where a secret came from and how long it is, never the secret itself."""

    key: str  # the key path of the setting that names the file or the variable
    file: str | None = None
    variable: str | None = None
    octets: int  # of UTF-8


def user_path() -> str:
    """Return where the user's own settings lie (XDG Base Directory Specification; a relative variable is ignored)."""
    return _xdg("XDG_CONFIG_HOME", ".config", "config.toml")


def state_path(name: str) -> str:
    """Return where a file that dsnparse keeps lies unless the user says: below XDG_STATE_HOME or ~/.local/state."""
    return _xdg("XDG_STATE_HOME", ".local/state", name)


def _xdg(variable: str, usual: str, name: str) -> str:
    home = os.environ.get(variable, "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / usual
    return str(base / "dsnparse" / name)


def find(named: str | None = None) -> str | None:
    """Return the file to load: the one named, $DSNPARSE_CONFIG, the user's, the system's, or None.

    The first two need not exist: that is an error for `read` to tell, not a reason to take another file.
    """
    given = named or os.environ.get("DSNPARSE_CONFIG")
    if given:
        return given
    return next((path for path in (user_path(), _SYSTEM) if _may_be_there(path)), None)


def _may_be_there(path: str) -> bool:
    try:
        return Path(path).is_file()
    except PermissionError:  # of its folder: `read` says so, where another file would be another owner's wish
        return True


def read(path: str) -> Table:
    """Read a file of settings; raises ConfigError with the file's name, and the line where it is no TOML."""
    import tomllib  # noqa: PLC0415 - for those who have a file

    try:
        values = tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
        return Table(values, folder=Path(path).absolute().parent)
    except OSError as error:
        problem = f"{path}: cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        problem = f"{path}: is no UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"{path}: {error}"
    except (RecursionError, ValueError):  # brackets nested by the thousand; a null byte in the name of the file
        problem = f"{path}: is no TOML that can be read"
    raise ConfigError(problem)


def duration(text: str) -> timedelta | None:
    """Return the time that "30m", "24h" or "14d" means (s, m, h, d, w), None for anything else or beyond 100 years."""
    found = _DURATION.fullmatch(text)
    value = timedelta(seconds=int(found[1]) * _SECONDS[found[2]]) if found else None
    return None if value is None or value > _LONGEST else value


def share(text: str) -> float | None:
    """Return the part of one that "2 %" means, None for anything else."""
    found = _SHARE.fullmatch(text)
    return float(found[1]) / 100 if found and float(found[1]) <= 100 else None  # noqa: PLR2004 - percent


class Table:
    """One table of a configuration file; every method takes a key out of it, and raises ConfigError for a bad value."""

    def __init__(self, values: Mapping[str, object], where: str = "", folder: Path | None = None) -> None:
        """Take a table.

        where: its key path, such as "adapter[0]"; folder: of the file, against which relative paths are taken.
        """
        self._values = dict(values)
        self._taken: set[str] = set()
        self.where = where
        self.folder = folder
        self.secrets: list[SecretSource] = []  # those read from this table and from the tables within

    def bad(self, key: str, problem: str) -> ConfigError:
        """Return the error that names this key."""
        return ConfigError(f"{self._path(key)}: {problem}")

    def has(self, key: str) -> bool:
        """Tell whether the key is there."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; the key is needed where there is no default."""
        return self._value(key, str, "a string in quotes", default)

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Return one of some words."""
        value = self.text(key, default)
        if value not in choices:
            raise self.bad(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def integer(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number."""
        value = self._value(key, int, "a whole number", default)
        if value < least:
            raise self.bad(key, f"must be at least {least}")
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false."""
        return self._value(key, bool, "true or false", default)

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._value(key, list, "a list of strings", None if default is None else list(default))
        for one in value:
            if not isinstance(one, str):
                raise self.bad(key, "must be a list of strings")
        return tuple(value)

    def duration(self, key: str, default: timedelta | None = None) -> timedelta:
        """Return a time."""
        if default is not None and key not in self._values:
            self._taken.add(key)
            return default
        value = duration(self.text(key))
        if value is None:
            raise self.bad(key, 'must be a time such as "30m", "24h" or "14d"')
        return value

    def share(self, key: str, default: float | None = None) -> float:
        """Return a part of one, written as percent."""
        if default is not None and key not in self._values:
            self._taken.add(key)
            return default
        value = share(self.text(key))
        if value is None:
            raise self.bad(key, 'must be a share such as "2 %"')
        return value

    def path(self, key: str, default: str | None = None) -> str:
        """Return a path; a relative one is taken against the folder of the file, `~` is the home."""
        return self._resolved(key, self.text(key, default))

    def paths(self, key: str) -> tuple[str, ...]:
        """Return a list of paths, each as `path` does."""
        return tuple(self._resolved(key, value) for value in self.texts(key))

    def secret(self, key: str) -> str | None:
        """Return a secret from the file that KEY_file names, or from the environment variable that KEY_env names.

        A secret in the file itself would be read by whoever may read the settings, so there is no such key.
        """
        file, variable = f"{key}_file", f"{key}_env"
        self._taken |= {file, variable}
        if self.has(key):
            raise self.bad(key, f"secrets do not stand here: name a file with {file} or a variable with {variable}")
        if self.has(file) and self.has(variable):
            raise self.bad(file, f"give either this or {variable}")
        if self.has(file):
            path = self.path(file)
            try:
                value = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise self.bad(file, f"{path}: cannot be read: {getattr(error, 'strerror', 'no UTF-8')}") from None
        elif self.has(variable):
            value = os.environ.get(self.text(variable), "")
        else:
            return None
        source = file if self.has(file) else variable
        if not value:
            raise self.bad(source, "holds no secret")
        if not value.isprintable():  # a line end would begin a new header line where the secret goes into one
            raise self.bad(source, "a secret is one line without control characters")
        self.secrets.append(
            SecretSource(
                key=self._path(source),
                file=self.path(file) if self.has(file) else None,
                variable=self.text(variable) if self.has(variable) else None,
                octets=len(value.encode("utf-8")),
            )
        )
        return value

    def table(self, key: str) -> Table:
        """Return a table within; an empty one where it is missing."""
        value = self._value(key, dict, "a table", {})
        return self._within(value, self._path(key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return an array of tables."""
        value = self._value(key, list, "an array of tables, [[...]]", [])
        for one in value:
            if not isinstance(one, dict):
                raise self.bad(key, "must be an array of tables, [[...]]")
        return tuple(self._within(one, f"{self._path(key)}[{place}]") for place, one in enumerate(value))

    def keys(self) -> tuple[str, ...]:
        """Return the keys, in order."""
        return tuple(self._values)

    def shown(self) -> dict[str, object]:
        """Return the values as they stand in the file, to be shown: secrets never stand there."""
        return dict(self._values)

    def done(self) -> None:
        """Raise ConfigError for the first key that nobody asked for."""
        for key in self._values:
            if key not in self._taken:
                known = ", ".join(sorted(self._taken))
                raise self.bad(key, f"is no setting{f'; known here are {known}' if known else ''}")

    def _within(self, values: Mapping[str, object], where: str) -> Table:
        inner = Table(values, where, self.folder)
        inner.secrets = self.secrets
        return inner

    def _resolved(self, key: str, text: str) -> str:
        value = os.path.expanduser(text)  # noqa: PTH111 - paths stay strings
        if not value or "\0" in value:
            raise self.bad(key, "must name a file")
        return value if self.folder is None else os.path.join(self.folder, value)  # noqa: PTH118 - likewise

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def _value(self, key: str, kind: type[_T], words: str, default: _T | None) -> _T:
        self._taken.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise self.bad(key, f"is missing: {words}")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.bad(key, f"must be {words}")
        return value

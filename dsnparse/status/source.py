"""Rule files: TOML that people edit, checked and brought into the form in which rules are matched.

A row of a `[[rule]]` table holds `id`, `reason`, `example`, `source`, `provenance` and at least one condition:

- `any`: at least one of these phrases stands in the words
- `alone`: the words are one of these phrases and nothing else
- `in_order`: lists of phrases; one of each stands in the words, in this order, `within` characters of each other
- `signature`: at least one of these phrases stands in the whole text, URLs, hosts and addresses included
- `code`, `status`: the reply code or an enhanced code is one of these
- `none`: none of these phrases stands in the words
- `none_between`: none of these phrases stands in the stretch of words that `in_order` found

A phrase matches whole words in any case and with any punctuation; `*` at an end leaves that end of the word open.  A
phrase `@name` stands for the phrases of that list in `[words]`.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NoReturn

from dsnparse.errors import RulesError
from dsnparse.model import Reason
from dsnparse.smtp.codes import parse_enhanced, reply_code
from dsnparse.status.rules import Rules, compiled, rule_of
from dsnparse.status.words import normal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["PROVENANCES", "check", "load_rules"]

PROVENANCES = ("run", "documented", "source", "recalled")
_TEXTS = ("id", "reason", "example", "source", "provenance")
_PHRASES = ("any", "alone", "none", "none_between", "signature")
_LISTS = (*_PHRASES, "code", "status")
_CONDITIONS = ("any", "alone", "in_order", "signature", "code", "status")
_KNOWN = frozenset({*_TEXTS, *_LISTS, "in_order", "within", "veto", "weak"})
_ID = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_MIN_OPEN = 3  # a word with an open end has more letters
_MAX_WITHIN = 400


def load_rules(paths: Sequence[Path]) -> Rules:
    """Return the rules of these files, in this order, in front of the built-in ones.

    Raises RulesError, which names the file, the row and the fault, also when a file cannot be read.
    """
    rows = [rule_of(row, str(path)) for path in paths for row in _user_file(path)]
    seen: dict[str, str] = {}
    for rule in rows:
        if rule.id in seen:
            _fail(f"{rule.origin}: rule {rule.id}: the id is used before in {seen[rule.id]}")
        seen[rule.id] = rule.origin
    return Rules([*rows, *(rule_of(row) for row in compiled()["rules"])])


def _user_file(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"{path}: {error.strerror if isinstance(error, OSError) else 'not UTF-8'}", error)
    return check(text, str(path), own=False)


def check(text: str, name: str, *, own: bool = True) -> list[dict[str, Any]]:
    """Return the rows of one TOML text, checked, with phrases in normal form.

    `own` demands what only built-in rows need.  Raises RulesError.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _fail(f"{name}: {error}", error)
    unknown = set(data) - {"rule", "words"}
    if unknown:
        _fail(f"{name}: unknown table {min(unknown)}; rules stand in [[rule]]")
    words, rows = data.get("words", {}), data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        _fail(f"{name}: rules stand in [[rule]], each in its own")
    if not isinstance(words, dict) or not all(_texts(value) for value in words.values()):
        _fail(f"{name}: [words]: each name holds a list of phrases")
    return [_Row(name, number, row, words, own=own).checked() for number, row in enumerate(rows, 1)]


def _fail(text: str, cause: Exception | None = None) -> NoReturn:
    raise RulesError(text) from cause


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item.strip() for item in value)


class _Row:
    """One row under check; knows how to name itself in an error."""

    def __init__(self, file: str, number: int, row: dict[str, Any], words: dict[str, list[str]], *, own: bool) -> None:
        self.file, self.number, self.row, self.words, self.own = file, number, row, words, own

    def fail(self, text: str) -> NoReturn:
        row_id = self.row.get("id")
        label = f"rule {row_id}" if isinstance(row_id, str) and row_id else f"rule number {self.number}"
        _fail(f"{self.file}: {label}: {text}")

    def checked(self) -> dict[str, Any]:
        row = self.row
        for name in row:
            if name not in _KNOWN:
                self.fail(f"unknown key {name}")
        self._check_words()
        self._check_lists()
        self._check_codes()
        result = {name: row[name] for name in (*_TEXTS, "code", "status", "within", "veto", "weak") if name in row}
        if not self.own:
            result.setdefault("provenance", "documented")  # users vouch for their own rows
        for name in _PHRASES:
            if name in row:
                result[name] = self._phrases(name, row[name])
        if "in_order" in row:
            groups = row["in_order"]
            if not isinstance(groups, list) or len(groups) < 2 or not all(_texts(group) for group in groups):  # noqa: PLR2004
                self.fail("in_order must be a list of at least two lists of phrases")
            result["in_order"] = [self._phrases("in_order", group) for group in groups]
        return result

    def _check_lists(self) -> None:
        for name in _LISTS:
            if name in self.row and not _texts(self.row[name]):
                self.fail(f"{name} must be a list of texts")
        for name in ("veto", "weak"):
            if not isinstance(self.row.get(name, False), bool):
                self.fail(f"{name} must be true or false")
        if not any(name in self.row for name in _CONDITIONS):
            self.fail(f"no condition; one of {', '.join(_CONDITIONS)} is needed")

    def _check_words(self) -> None:
        row = self.row
        for name in _TEXTS if self.own else ("id", "reason"):
            if not isinstance(row.get(name), str) or not row[name].strip():
                self.fail(f"{name} is missing")
        if not _ID.fullmatch(row["id"]):
            self.fail("id must be lower-case letters and digits, joined by - or . or _")
        if row["reason"] not in list(Reason):
            self.fail(f"reason {row['reason']} is none of: {', '.join(Reason)}")
        if row.get("provenance", "recalled") not in PROVENANCES:
            self.fail(f"provenance must be one of {', '.join(PROVENANCES)}")
        if "within" in row and (type(row["within"]) is not int or not 0 < row["within"] <= _MAX_WITHIN):
            self.fail(f"within must be a number from 1 to {_MAX_WITHIN}")
        if not all(isinstance(row.get(name, ""), str) for name in ("example", "source")):
            self.fail("example and source must be texts")

    def _check_codes(self) -> None:
        for code in self.row.get("code", ()):
            if reply_code(code) is None:
                self.fail(f"code {code} is no SMTP reply code")
        for status in self.row.get("status", ()):
            found = parse_enhanced(status)
            if found is None or str(found) != status:
                self.fail(f"status {status} is no enhanced status code")

    def _phrases(self, name: str, phrases: list[str]) -> list[str]:
        found: list[str] = []
        for phrase in phrases:
            if phrase.startswith("@"):
                if phrase[1:] not in self.words:
                    self.fail(f"{name}: there is no list {phrase[1:]} in [words]")
                found += [self._phrase(name, each) for each in self.words[phrase[1:]]]
            else:
                found.append(self._phrase(name, phrase))
        return list(dict.fromkeys(found))

    def _phrase(self, name: str, phrase: str) -> str:
        text = normal(phrase.strip("*"))
        words = text.split()
        if not words:
            self.fail(f"{name}: the phrase {phrase!r} has no words")
        spaced = words[0][0].isascii() or "\u00c0" <= words[0][0] < "\u2e80"  # other scripts do not separate words
        if phrase.startswith("*") or not spaced:
            text = text.lstrip()
        if phrase.endswith("*") or not spaced:
            text = text.rstrip()
        if phrase.startswith("*") and spaced and words[0].isascii() and len(words) == 1:
            self.fail(f"{name}: the phrase {phrase!r} needs a word with a whole beginning")
        if phrase.endswith("*") and len(words) == 1 and len(words[0]) <= _MIN_OPEN and spaced:
            self.fail(f"{name}: the phrase {phrase!r} is too short")
        return text

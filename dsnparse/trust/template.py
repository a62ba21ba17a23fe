"""The form of our return paths, such as `{list}-bounces+{token}@lists.example.org`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dsnparse.errors import ConfigError

__all__ = ["LIST_NAME", "Template", "compiled"]

# A list's name as it may stand in a local part unquoted; lower case, for local parts get lower-cased on the way.
LIST_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?")
_FORM: Final = re.compile(r"(?P<local>[a-z0-9!#$%&'*+/=?^_`{|}~.-]+)@(?P<domain>[a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz234567")  # of a token: base32, RFC 4648 section 6
_MAX_DOMAIN: Final = 255  # RFC 5321 section 4.5.3.1.2


@dataclass(frozen=True, slots=True)
class Template:
    """One form, taken apart."""

    local: str  # with its placeholders
    domain: str
    pattern: re.Pattern[str]  # of a local part; groups: token, and list where there is one

    @property
    def has_list(self) -> bool:
        """Whether the list's name stands in it."""
        return "{list}" in self.local


@lru_cache(maxsize=256)
def compiled(text: str) -> Template:
    """Take a form apart; raises ConfigError that says what is wrong with it."""
    found = _FORM.fullmatch(text.lower())
    problem = None
    if found is None or len(found["domain"]) > _MAX_DOMAIN:
        problem = "is no address in ASCII"
    else:
        local = found["local"]
        plain = local.replace("{token}", "\0").replace("{list}", "")
        before, _, after = plain.partition("\0")
        beside = local.partition("{token}")
        if local.count("{token}") != 1 or local.count("{list}") > 1 or "{" in plain or "}" in plain:
            problem = "needs {token} once, and may have {list} once"
        elif beside[0][-1:] in _LETTERS | {"}"} or beside[2][:1] in _LETTERS | {"{"}:
            problem = "needs a sign such as + or - between {token} and what stands beside it"
        elif not (before + after) or ".." in local or local.startswith(".") or local.endswith("."):
            problem = "needs something beside {token}, and dots only between other letters"
    if found is None or problem:
        problem = f"{text!r} {problem}; such as 'bounces+{{token}}@lists.example.org'"
        raise ConfigError(problem)
    pattern = re.escape(found["local"]).replace(r"\{token\}", "(?P<token>[a-z2-7]{16,64})")
    pattern = pattern.replace(r"\{list\}", f"(?P<list>{LIST_NAME.pattern})")
    return Template(found["local"], found["domain"], re.compile(pattern))

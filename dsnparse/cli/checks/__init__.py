"""What `dsnparse doctor` looks at: nothing here changes anything, and nothing here raises for what it finds."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dsnparse.adapters import Outcome
from dsnparse.cli.checks.base import Check, State
from dsnparse.cli.checks.ledger import ledger
from dsnparse.cli.checks.mails import source, spool
from dsnparse.errors import DsnparseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dsnparse.config import Config
    from dsnparse.settings import SecretSource

__all__ = ["Check", "State", "checks"]

_LEAST_SECRET: Final = 16  # octets, as an HMAC key needs (NIST SP 800-107)
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def checks(config: Config, now: datetime) -> Iterator[Check]:
    """Look at everything that a run needs."""
    yield _file(config.path)
    yield _user()
    yield from ledger(config.ledger, now)
    if not config.places():
        detail = "no paths under [source]: name the Maildir on the command line"
        yield Check(name="source", state=State.WARN, detail=detail)
    yield spool(config.spool)
    for path in config.places():
        yield from source(path, now)
    yield from _adapters(config)
    yield from _trust(config, now)
    for secret in config.secrets:
        yield _secret(secret)
    yield _rules()
    yield from _notify(config)


def _file(path: str | None) -> Check:
    if path is None:
        return Check(name="config", detail="no file: the defaults are in effect")
    if Path(path).stat().st_mode & _OTHERS_WRITE:
        return Check(name="config", state=State.WARN, detail=f"{path}: others may write to it: chmod go-w")
    return Check(name="config", detail=path)


def _user() -> Check:
    if os.geteuid() == 0:
        detail = "root may do everything: run this as the user whom the runs have, or rights are not checked"
        return Check(name="user", state=State.WARN, detail=detail)
    return Check(name="user", detail=f"uid {os.geteuid()}: rights are checked for this user")


def _adapters(config: Config) -> Iterator[Check]:
    if not config.adapters:
        detail = "no [[adapter]]: no list is told of anything"
        yield Check(name="adapter", state=State.WARN, detail=detail)
    for route in config.adapters:
        answer = route.adapter.check()
        name = route.adapter.name
        if answer.outcome in {Outcome.DONE, Outcome.ALREADY}:
            lists = f" for {', '.join(route.lists)}" if route.lists else ""
            yield Check(name="adapter", detail=f"{name}{lists}{f': {answer.detail}' if answer.detail else ''}")
        else:
            detail = f"{name}: {answer.outcome}{f': {answer.detail}' if answer.detail else ''}"
            yield Check(name="adapter", state=State.FAIL, detail=detail)


def _trust(config: Config, now: datetime) -> Iterator[Check]:
    """Make a return path of each form for each list: the longest name is the one that does not fit."""
    from dsnparse.trust import TokenError, return_path  # noqa: PLC0415 - with those who have keys only

    trust = config.trust
    if not trust.keys:
        detail = (
            "no keys: anybody can forge a bounce, so dead addresses are only disabled, never removed; stronger are "
            "signed return paths (docs/return-path.md), and to tell what was sent: dsnparse sent import"
        )
        yield Check(name="trust", state=State.WARN, detail=detail)
    for form in trust.return_paths:
        names = [one.name for one in config.lists] if "{list}" in form else [None]
        for name in names:
            try:
                made = return_path("a@example.org", settings=replace(trust, return_paths=(form,)), now=now, list=name)
            except TokenError as error:
                yield Check(name="return path", state=State.FAIL, detail=f"{form}: {error}")
            else:
                octets = len(made.rpartition("@")[0])
                where = f" for the list {name}" if name else ""
                yield Check(name="return path", detail=f"{form}: {octets} of 64 octets{where}")


def _secret(secret: SecretSource) -> Check:
    """Look at how well a secret is kept; it is never shown."""
    where = secret.file or f"the environment variable {secret.variable}"
    detail = f"{secret.key}: {where}"
    if secret.octets < _LEAST_SECRET:
        return Check(name="secret", state=State.WARN, detail=f"{detail}: has fewer than {_LEAST_SECRET} octets")
    if secret.file is not None and Path(secret.file).stat().st_mode & stat.S_IRWXO:
        return Check(name="secret", state=State.FAIL, detail=f"{detail}: everybody here may read it: chmod o=")
    return Check(name="secret", detail=detail)


def _rules() -> Check:
    from dsnparse.formats.registry import formats  # noqa: PLC0415 - the tables are large
    from dsnparse.status import builtin  # noqa: PLC0415 - likewise

    try:
        detail = f"{len(builtin().rows)} rules and {len(formats())} formats"
    except (DsnparseError, OSError, ValueError, LookupError) as error:
        return Check(name="rules", state=State.FAIL, detail=f"the built-in tables cannot be loaded: {error}")
    return Check(name="rules", detail=detail)


def _notify(config: Config) -> Iterator[Check]:
    from dsnparse.notices import check  # noqa: PLC0415 - may load SMTP

    settings = config.notify
    if not settings.mail_to and settings.webhook is None:
        yield Check(name="notify", detail="nobody is told of runs by mail or webhook")
        return
    problems = check(settings)
    for problem in problems:
        yield Check(name="notify", state=State.WARN, detail=problem)
    if not problems:
        told = [*settings.mail_to, *([settings.webhook.site.host] if settings.webhook else [])]
        yield Check(name="notify", detail=", ".join(told))

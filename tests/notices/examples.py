"""Notices and settings that the tests share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dsnparse.model import Decision, Event, Guard, Reason, Wanted
from dsnparse.notices import Notice, NotifySettings

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OWNER = "owner@example.org"


def decision(address: str = "alice@example.net", **changed: Any) -> Decision:  # noqa: ANN401 - fields of any type
    event = Event(address=address, original="news-1@example.org", at=STARTED, reason=Reason.USER_UNKNOWN)
    values: dict[str, Any] = {"address": address, "wanted": Wanted.REMOVE, "why": "the mailbox is gone", "event": event}
    return Decision(**(values | changed))


def notice(**changed: Any) -> Notice:  # noqa: ANN401 - fields of any type
    values: dict[str, Any] = {"started": STARTED, "live": True, "done": [decision()]}
    return Notice(**(values | changed))


def settings(**changed: Any) -> NotifySettings:  # noqa: ANN401 - fields of any type
    return NotifySettings(**({"mail_to": (OWNER,), "mail_from": "dsnparse@lists.example.org"} | changed))


FULL = notice(
    done=[decision(), decision("bob@example.net", list="news", wanted=Wanted.DISABLE, until=STARTED)],
    held=[decision("carol@example.net", held=Guard.STORM, why="example.net has a bad day")],
    not_understood=[("/var/bounces/new/1.host", "names no recipient")],
    storms=["example.net: 300 addresses failed in a day, 2 is usual"],
    failures=["mailman:lists.example.org: no answer in 10 s"],
    counts={"mails read": 44},
)

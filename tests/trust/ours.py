"""The owner's side in these tests: keys, forms, and what was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dsnparse.model import Action, Kind, Original, Recipient, Report
from dsnparse.trust import Key, Keys, SentRow, TrustSettings, return_path

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OLD = Key(1, b"the secret of last year, long enough")
NEW = Key(2, b"the secret of this year, long enough")
PLAIN = "bounces+{token}@lists.example.org"
LISTED = "{list}-bounces+{token}@lists.example.org"
SETTINGS = TrustSettings(return_paths=(PLAIN, LISTED), keys=Keys((OLD, NEW)))
MESSAGE_ID = "news-1@example.org"
ALICE, BOB = "alice@example.org", "bob@example.net"


def path(address: str = ALICE, on: str | None = "news", settings: TrustSettings = SETTINGS) -> str:
    """Return the return path of a mail to an address, sent now."""
    return return_path(address, list=on, settings=settings, now=NOW)


def failed(
    address: str | None = ALICE, original: str | None = None, action: Action | None = Action.FAILED
) -> Recipient:
    """Return a recipient that failed."""
    return Recipient(address=address, original_address=original, action=action)


def report(*recipients: Recipient, kind: Kind = Kind.BOUNCE, message_id: str | None = MESSAGE_ID) -> Report:
    """Return a report on these recipients."""
    return Report(kind=kind, recipients=recipients, original=Original(message_id=message_id))


def sent(address: str = ALICE, on: str = "news", key: bytes | None = None, at: datetime = NOW - DAY) -> SentRow:
    """Return that the mail went to an address."""
    return SentRow(message_id=MESSAGE_ID, address=address, list=on, key=key, at=at)

"""What forged and genuine reports lead to, from the bytes in the Maildir to the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dsnparse.config import ListSettings, default
from dsnparse.ledger import Age
from dsnparse.ledger.people import Selection
from dsnparse.model import Guard, Trust, Wanted
from dsnparse.trust import Key, Keys, SentRow, TrustSettings, return_path
from tests.pipeline.mails import LETTER, UNKNOWN, bounce, complaint
from tests.pipeline.test_running import Box, Double

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
ALICE, BOB = "alice@example.org", "bob@example.net"
OURS = TrustSettings(
    return_paths=("{list}-bounces+{token}@lists.example.org",),
    keys=Keys((Key(1, b"a secret of these tests only"),)),
    own_hosts=("mx.example.org",),
)
THEIRS = replace(OURS, keys=Keys((Key(1, b"somebody else's guess of the secret"),)))
NOTHING: tuple[object, ...] = ()


def to(recipient: str, raw: bytes, *, by: str = "mx.example.org") -> bytes:
    """Return a mail as our server delivers it to a recipient."""
    received = f"Received: from a by {by}; Fri, 9 Jan 2026 11:00:00 +0000"
    return f"Delivered-To: {recipient}\n{received}\n".encode() + raw


def path(address: str, settings: TrustSettings = OURS, days: int = 1) -> str:
    return return_path(address, list="news", settings=settings, now=NOW - timedelta(days=days))


def vacation() -> bytes:
    return f"From: {ALICE}\nAuto-Submitted: auto-replied\nSubject: away\n\n550 5.1.1 <{ALICE}>: User unknown\n".encode()


def mention() -> bytes:
    """Return a letter that names somebody else's address as dead."""
    return LETTER + f"\n<{ALICE}>: host mx.example.org said: 550 5.1.1 User unknown\n".encode()


GENUINE = to(path(ALICE), bounce(ALICE, message_id="news-7@example.org"))
SENT = SentRow(message_id="news-1@example.org", address=ALICE, list="news", at=NOW - timedelta(days=1))

# What comes, what is known of what was sent, and what it leads to: the address, what is done, the guard that holds it.
CASES: dict[str, tuple[Sequence[bytes], Sequence[SentRow], tuple[object, ...]]] = {
    "a genuine return path removes": ([GENUINE], [], (ALICE, Wanted.REMOVE, None)),
    "a mail that we sent only disables": ([bounce(ALICE)], [SENT], (ALICE, Wanted.DISABLE, None)),
    "one report that nothing ties to our mail does nothing": ([bounce(ALICE)], [], NOTHING),
    "a Message-ID that we sent to somebody else proves nothing": (
        [bounce(BOB), bounce(BOB, report="2", message_id=None)],
        [SENT],
        NOTHING,
    ),
    "a forged VERP proves nothing": ([to(path(ALICE, THEIRS), bounce(ALICE))], [], NOTHING),
    "a signature for another subscriber proves nothing": ([to(path(BOB), bounce(ALICE))], [], NOTHING),
    "an old return path proves nothing": ([to(path(ALICE, days=60), bounce(ALICE))], [], NOTHING),
    "a Delivered-To that the sender wrote proves nothing": (
        [to("news@example.org", to(path(ALICE), bounce(ALICE)), by="mx.example.org")],
        [],
        NOTHING,
    ),
    "a Received of somebody else's host on top proves nothing": (
        [to(path(ALICE), bounce(ALICE), by="mx.example.net")],
        [],
        NOTHING,
    ),
    "a genuine return path in To: proves nothing": (
        [bounce(ALICE).replace(b"To: news@example.org", f"To: {path(ALICE)}".encode())],
        [],
        NOTHING,
    ),
    "a vacation to a genuine return path does nothing": ([to(path(ALICE), vacation())], [SENT], NOTHING),
    "a letter to a genuine return path does nothing": ([to(path(ALICE), mention())], [SENT], NOTHING),
    "a delay to a genuine return path does nothing": (
        [to(path(ALICE), bounce(ALICE, ("4.4.1", "timed out"), action="delayed"))],
        [SENT],
        NOTHING,
    ),
    "a bounce for somebody else inside a genuine return path does nothing": (
        [to(path(ALICE), bounce(BOB)), to(path(ALICE), bounce(BOB, report="2", message_id=None))],
        [],
        NOTHING,
    ),
    "a bounce for somebody else inside a return path that we know is held for its owner": (
        [to(return_path(ALICE, list="news", settings=OURS, now=NOW, key=b"17"), bounce(BOB, message_id=None))],
        [replace(SENT, key=b"17")],
        (ALICE, Wanted.REMOVE, Guard.ALIAS),
    ),
    "a complaint with its return path removes": (
        [to("fbl@example.org", complaint(ALICE, path(ALICE)))],
        [],
        (ALICE, Wanted.REMOVE, None),
    ),
    "a complaint without one is held": (
        [to("fbl@example.org", complaint(ALICE, None))],
        [],
        (ALICE, Wanted.DISABLE, Guard.TRUST),
    ),
    "a complaint with a forged one is held": (
        [to("fbl@example.org", complaint(ALICE, path(ALICE, THEIRS)))],
        [],
        (ALICE, Wanted.DISABLE, Guard.TRUST),
    ),
    "a complaint with somebody else's return path strikes neither": (
        [to("fbl@example.org", complaint(ALICE, path(BOB)))],
        [],
        (ALICE, Wanted.DISABLE, Guard.TRUST),
    ),
}


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path, {})
    box.now = NOW
    box.config = replace(default(), trust=OURS, lists=(ListSettings(name="news"),), retention=Age())
    return box


def outcome(box: Box) -> tuple[object, ...]:
    """Run, and return the one decision that came of it; what was told to the list must agree."""
    adapter = Double()
    box.run(adapter)
    with box.open() as ledger:
        decisions = [decision for decision, _, _ in ledger.decisions(Selection())]
    assert adapter.told == [(one.address, one.wanted) for one in decisions if one.held is None]
    assert len(decisions) <= 1
    return next(((one.address, one.wanted, one.held) for one in decisions), NOTHING)


@pytest.mark.parametrize("case", CASES)
def test_a_report_leads_to_what_it_proves(box: Box, case: str) -> None:
    mails, sent, expected = CASES[case]
    for number, raw in enumerate(mails):
        box.put(str(number), raw)
    with box.open() as ledger:
        ledger.import_sent(sent)
    assert outcome(box) == expected


@pytest.mark.parametrize("message_id", ["news-7@example.org", "another@example.org", None])
def test_a_replay_is_the_same_failure_whatever_message_id_it_bears(box: Box, message_id: str | None) -> None:
    switched_off = ("5.2.1", "550 5.2.1 The account is disabled")  # two of them, on two days, would be enough
    for day in range(5):
        raw = bounce(ALICE, switched_off, report=str(day), message_id=message_id if day else "news-7@example.org")
        box.put(str(day), to(path(ALICE), raw).replace(b"Fri, 9 Jan", b"%s Jan" % [b"Fri, 9", b"Thu, 8"][day % 2]))
    assert outcome(box) == NOTHING
    with box.open() as ledger:
        (event, _), *more = ledger.events(Selection())
    assert (event.trust, more) == (Trust.STRONG, [])


def test_a_forged_report_neither_helps_nor_hides_a_true_one(box: Box) -> None:
    switched_off = ("5.2.1", "550 5.2.1 The account is disabled")
    box.put("1", to(path(ALICE), bounce(ALICE, switched_off)).replace(b"Fri, 9 Jan", b"Wed, 7 Jan"))
    box.put("2", bounce(ALICE, switched_off, message_id="made-up@example.org"))
    assert outcome(box) == NOTHING
    later = return_path(ALICE, list="news", settings=OURS, now=NOW)
    box.put("3", to(later, bounce(ALICE, switched_off, message_id="made-up@example.org")))
    assert outcome(box) == (ALICE, Wanted.REMOVE, None)


def test_with_neither_a_secret_nor_a_sent_table_the_dead_are_disabled_and_the_run_says_why(tmp_path: Path) -> None:
    box = Box(tmp_path, {"1": bounce(ALICE, UNKNOWN)})
    box.config = replace(default(), retention=Age())
    assert outcome(box) == (ALICE, Wanted.DISABLE, None)
    assert box.run().unproven

"""A large provider's bad day through the whole of it: mails in a Maildir, an SQLite ledger, lists, the owner's notice.

For six hours every living address of one domain is refused by "550 5.1.1", as in December 2020.  DSNPARSE_FULL=1 takes
40,000 of them, else it is 1,200.  The policy's own simulations (tests/policy/simulation) cover a year and slow storms.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dsnparse.config import ListSettings, Route, default
from dsnparse.model import Wanted
from dsnparse.notices import NotifySettings
from dsnparse.notices.settings import Way
from dsnparse.pipeline.whole import work
from dsnparse.sources import read_path
from dsnparse.trust import Key, Keys, TrustSettings, return_path
from tests.e2e.command import dsnparse_command
from tests.pipeline.mails import bounce, maildir
from tests.pipeline.test_running import Double

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from dsnparse.pipeline import Summary

FULL = bool(os.environ.get("DSNPARSE_FULL"))
STRUCK, OTHERS = (40_000, 10_000) if FULL else (1_200, 300)
LARGE = "large.example.net"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
BAD_DAY = START + 4 * WEEK
LIVING = [f"user{number}@{LARGE}" for number in range(STRUCK)]
ELSEWHERE = [f"user{number}@small{number % 97}.example.org" for number in range(OTHERS)]
TRUST = TrustSettings(
    return_paths=("{list}-bounces+{token}@lists.example.org",),
    keys=Keys((Key(1, b"a secret of these tests only"),)),
)


def deaths() -> dict[str, datetime]:
    """Return who dies: in each week a few at the large domain and elsewhere, on the bad day and behind it too."""
    dying = {}
    for week in range(7):
        for number in range(4):
            dying[LIVING[week * 4 + number]] = dying[ELSEWHERE[week * 4 + number]] = START + week * WEEK
    return dying


DEATHS = deaths()


@dataclass
class World:
    """The Maildir, the ledger and the list, and what was told to the list when."""

    folder: Path
    told: dict[str, tuple[datetime, Wanted]] = field(default_factory=dict)
    mails: int = 0
    summaries: list[Summary] = field(default_factory=list)

    def come(self, address: str, sent: datetime, at: datetime) -> None:
        """Let a refusal come back."""
        sender = return_path(address, list="news", settings=TRUST, now=sent)
        received = f"Received: from mail.example.org by lists.example.org; {at:%a, %d %b %Y %H:%M:%S} +0000"
        raw = bounce(address, message_id=f"{sent:%Y%m%d}@example.org", report=str(self.mails))
        raw = f"Delivered-To: {sender}\n{received}\n".encode() + raw
        path = self.folder / "md" / "new" / f"{self.mails:06}"
        path.write_bytes(raw)
        os.utime(path, (at.timestamp(), at.timestamp()))
        self.mails += 1

    def run(self, now: datetime) -> Summary:
        """Run as cron does, and throw away what was moved to cur/."""
        adapter = Double()
        notify = NotifySettings(
            mail_to=("owner@example.org",), mail_from="list@example.org", way=Way(sendmail=str(self.folder / "mailer"))
        )
        config = replace(
            default(),
            ledger=str(self.folder / "ledger"),
            trust=TRUST,
            lists=(ListSettings(name="news"),),
            adapters=(Route(adapter=adapter),),
            notify=notify,
        )
        summary = work(config, read_path(str(self.folder / "md")), live=True, now=now)
        for path in (self.folder / "md" / "cur").iterdir():
            path.unlink()
        for address, wanted in adapter.told:
            assert address not in self.told
            self.told[address] = now, wanted
        self.summaries.append(summary)
        return summary

    def mailing(self, sent: datetime, refused: Sequence[str] = ()) -> None:
        """Mail all who are still on the list, within six hours, with a run every two; then one on each of two days."""
        dead = [address for address, dies in DEATHS.items() if dies <= sent]
        back = sorted({*dead, *refused} - set(self.told))
        step = 6 * HOUR / max(1, len(back))
        for part in range(3):
            for place in range(len(back) * part // 3, len(back) * (part + 1) // 3):
                self.come(back[place], sent, sent + (place + 0.5) * step)
            self.run(sent + 2 * (part + 1) * HOUR)
        for days in (1, 2):
            self.run(sent + days * DAY + 6 * HOUR)

    def command(self, *args: str) -> tuple[int, str]:
        """Run a command on the ledger."""
        done = dsnparse_command(self.folder, *args, "--ledger", "ledger")
        assert done.stderr == b""
        return done.returncode, done.stdout.decode()


def at_large(addresses: Iterable[str]) -> set[str]:
    return {address for address in addresses if address.endswith(f"@{LARGE}")}


def test_on_a_large_providers_bad_day_nobody_living_is_touched_and_the_rest_goes_on(tmp_path: Path) -> None:
    maildir(tmp_path / "md", {})
    (tmp_path / "mailer").write_text(f"#!/bin/sh\ncat >> {tmp_path}/notices\n")
    (tmp_path / "mailer").chmod(0o755)
    world = World(tmp_path)

    for week in range(4):
        world.mailing(START + week * WEEK)
    assert set(world.told) == {address for address, dies in DEATHS.items() if dies < BAD_DAY}
    assert not any(summary.storms for summary in world.summaries)

    world.summaries.clear()
    world.mailing(BAD_DAY, refused=LIVING)
    assert world.mails > STRUCK
    # Nobody there is told of, not even who died that day; elsewhere whoever died is gone, and in time.
    on_that_day = {address for address, dies in DEATHS.items() if dies == BAD_DAY}
    told = {address for address, (at, _) in world.told.items() if at > BAD_DAY}
    assert told == on_that_day - at_large(on_that_day)
    # The operator is told once, by name, at the first run.
    groups = [[storm.group for storm, _ in summary.storms] for summary in world.summaries]
    assert groups == [[f"domain:{LARGE}"], [], [], [], []]
    notices = (tmp_path / "notices").read_text().replace("=\n", "")  # quoted-printable
    assert notices.count("Providers that have a bad day") == 1
    assert f"at {LARGE} failed for good in a day; more than 25 is not believed" in notices
    assert LARGE in world.summaries[0].storms[0][0].why
    # All of them are held, but for a few that came in the very second of the run before: these do not count at all.
    held = world.summaries[-1].held
    assert STRUCK - len(at_large(world.told)) - 10 <= held <= STRUCK - len(at_large(world.told))
    assert [summary.held for summary in world.summaries[2:]] == [held] * 3

    for week in (5, 6, 7, 8):
        world.mailing(START + week * WEEK)
    assert set(world.told) == set(DEATHS)
    assert {wanted for _, wanted in world.told.values()} == {Wanted.REMOVE}
    late = max(at - DEATHS[address] for address, (at, _) in world.told.items() if address not in at_large(DEATHS))
    assert late < 3 * DAY
    assert max(at - DEATHS[address] for address, (at, _) in world.told.items()) < 2 * WEEK + 3 * DAY

    # A person looks, releases one and drops the others.
    code, out = world.command("holds", "list", "--guard", "storm", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    living = {row["address"] for row in rows}
    assert (code, len(rows), {row["held"] for row in rows}) == (0, len(living), {"storm"})
    assert held - 12 <= len(living) <= held
    assert not living & set(DEATHS)
    last = world.command("holds", "list")[1].splitlines()[-1]
    assert re.match(rf"bad day  domain:{LARGE}  2026-01-26 .* to 2026-02-09 .*: {STRUCK - 16} addresses at", last)
    some = LIVING[-1]
    assert world.command("holds", "release", some) == (0, f"released  {some}  news\n")
    code, out = world.command("holds", "drop", "--domain", LARGE)
    assert (code, len(out.splitlines())) == (0, len(living) - 1)
    world.run(START + 10 * WEEK)
    assert world.told.keys() - DEATHS.keys() == {some}
    assert world.command("holds", "list", "--json") == (0, "")

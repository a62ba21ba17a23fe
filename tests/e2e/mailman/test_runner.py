"""`dsnparse.mailman.BounceRunner` inside Mailman, with the reports of a real Postfix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.mailman.chain import ALIVE, BLOCKED, DEAD, DOMAIN, EDITOR, LATER, SILENT, TARGET, Chain, chain
from tests.e2e.mailman.server import LIST, until
from tests.mailman.mails import answer, dsn

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def posted() -> Iterator[Chain]:
    """Set up a list that probes at the first point, with a mail on it and all reports of it dealt with."""
    with chain(back=True) as made:
        assert made.rest.call("PATCH", f"lists/{LIST}/config", bounce_score_threshold=1)[0] == 204
        assert made.rest.call("PATCH", f"lists/{LIST}/config", bounce_notify_owner_on_disable=False)[0] == 204
        made.post()
        until(lambda: made.rest.delivery(DEAD) == "by_bounces", f"the dead address: {made.log}")
        until(lambda: _told(made) == {BLOCKED, LATER, SILENT}, f"reports of the others: {made.log}")
        yield made


def _told(made: Chain) -> set[str]:
    return set(re.findall(r"'(\S+)': \w+, the address may live", made.log))


def test_only_the_dead_address_is_disabled(posted: Chain) -> None:
    statuses = posted.statuses()
    assert statuses.pop(DEAD.lower()) == "by_bounces"
    assert statuses == dict.fromkeys((ALIVE, BLOCKED, LATER, SILENT, EDITOR, TARGET), "enabled")


def test_what_is_blocked_expired_or_delayed_scores_nothing(posted: Chain) -> None:
    assert {score for member, score in posted.rest.members().items() if member != DEAD.lower()} == {0}
    assert "no failure: delayed" in posted.log


@pytest.mark.parametrize(
    ("to", "mail"),
    [
        (f"news-bounces+erin=example.net@{DOMAIN}", dsn("nobody@example.net")),  # the return path of another
        (f"news-bounces+erin=example.net@{DOMAIN}", dsn(TARGET, list_id="talk.lists.example.org")),
        (f"news-bounces@{DOMAIN}", dsn(TARGET, list_id=None)),  # nothing of ours in it
        (f"news-bounces@{DOMAIN}", dsn("stranger@example.net")),
        (f"news-bounces+{'0' * 40}@{DOMAIN}", dsn(TARGET, list_id=None)),  # a probe that was never sent
        (f"news-bounces+erin=example.net@{DOMAIN}", answer()),  # a vacation answer
    ],
    ids=["another", "another-list", "not-ours", "stranger", "no-probe", "vacation"],
)
def test_a_forged_report_does_nothing(posted: Chain, to: str, mail: bytes, request: pytest.FixtureRequest) -> None:
    before, statuses = posted.rest.members(), posted.statuses()
    _send(posted, to, mail, request.node.callspec.id)
    assert posted.rest.members() == before
    assert posted.statuses() == statuses


def test_a_probe_is_answered_by_a_hard_failure_and_by_nothing_else(posted: Chain) -> None:
    """All that a forger gets is a probe, whose address nobody can guess.  The last test: the member is disabled."""
    _send(posted, f"news-bounces+erin=example.net@{DOMAIN}", dsn(TARGET), "perfect")
    mails = posted.folder / "mx" / TARGET
    until(lambda: len(list(mails.glob("[0-9]*"))) == 2, f"a probe in {mails}")
    probe = (mails / "001").read_text().partition(">\n")[0].removeprefix("Return-Path: <")
    assert probe.startswith("news-bounces+")
    _send(posted, probe, answer(), "vacation-to-the-probe")
    _send(posted, probe, dsn(TARGET, said=("5.7.1", "554 5.7.1 blocked using bl.example.net")), "blocked-probe")
    assert posted.rest.delivery(TARGET) == "enabled"
    _send(posted, probe, dsn(TARGET), "dead-probe")
    assert posted.rest.delivery(TARGET) == "by_bounces"


def _send(posted: Chain, to: str, mail: bytes, name: str) -> None:
    """Send a mail to a bounce address, and wait until Mailman has done with it."""
    mark = f"<{name}@forged.example.com>"
    text = re.sub(r"(?m)^To: .*$", f"To: {to}", mail.decode(), count=1)
    posted.report(to, re.sub(r"(?m)^Message-ID: .*$", f"Message-ID: {mark}", text, count=1).encode())
    until(lambda: mark.strip("<>") in posted.log, f"{name}: {posted.log}")
    # A report that counts nothing behind it: when that is in the log, what this one caused is done.
    known = posted.log.count("Residual bounce")
    posted.report(f"news-bounces@{DOMAIN}", dsn(DEAD))
    until(lambda: posted.log.count("Residual bounce") > known, f"a report behind it: {posted.log}")

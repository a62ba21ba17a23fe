"""What counts against a member of a Mailman list, and what does not."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dsnparse.mailman
from dsnparse import parse
from dsnparse.mailman.weighing import Finding, hard_failures, weigh
from tests.mailman.mails import AUTOREPLY, COMPLAINT, LETTER, LIST, dsn

ALICE, BOB = "alice@example.net", "bob@example.net"
MEMBERS = {ALICE, BOB}
BLOCKED = ("5.7.1", "554 5.7.1 Service unavailable; client [192.0.2.10] blocked using bl.example.net")
EXPIRED = ("4.4.1", "connect to mx.example.net[192.0.2.25]:25: Connection timed out")
FULL = ("5.2.2", "552 5.2.2 Mailbox full")


def found(raw: bytes, *claimed: str) -> Finding:
    return weigh(parse(raw), list_id=LIST, claimed=set(claimed), is_member=MEMBERS.__contains__)


@pytest.mark.parametrize("claimed", [(), (ALICE,), ("Alice@Example.net",), (ALICE, "zed@example.net")])
def test_a_dead_member_is_counted(claimed: tuple[str, ...]) -> None:
    finding = found(dsn(ALICE), *claimed)
    assert finding.dead == (ALICE,)
    assert not finding.person


@pytest.mark.parametrize("said", [BLOCKED, EXPIRED, FULL])
@pytest.mark.parametrize("claimed", [(), (ALICE,)])
def test_a_failure_that_does_not_condemn_the_address_is_not_counted(
    said: tuple[str, str], claimed: tuple[str, ...]
) -> None:
    finding = found(dsn(ALICE, said=said), *claimed)
    assert finding.dead == ()
    assert not finding.person
    assert "may live" in finding.notes[0]


def test_a_warning_is_not_counted() -> None:
    assert found(dsn(ALICE, said=EXPIRED, action="delayed"), ALICE) == Finding(notes=("no failure: delayed",))


@pytest.mark.parametrize(
    ("raw", "person"), [(AUTOREPLY, False), (LETTER, True), (COMPLAINT, True)], ids=["answer", "letter", "complaint"]
)
@pytest.mark.parametrize("claimed", [(), (ALICE,)])
def test_what_is_no_failure_report_counts_nothing_wherever_it_came_to(
    raw: bytes, *, person: bool, claimed: tuple[str, ...]
) -> None:
    finding = found(raw, *claimed)
    assert finding.dead == ()
    assert finding.person is person
    assert hard_failures(parse(raw)) == ()


def test_a_report_about_another_than_the_return_path_counts_against_neither() -> None:
    finding = found(dsn(BOB), ALICE)
    assert finding.dead == ()
    assert finding.person
    assert finding.notes == ("'bob@example.net': came to the return path of another member",)


@pytest.mark.parametrize("list_id", [None, "talk.lists.example.org"])
def test_without_a_return_path_of_its_own_the_returned_mail_must_be_the_lists(list_id: str | None) -> None:
    finding = found(dsn(ALICE, list_id=list_id))
    assert finding.dead == ()
    assert finding.person


def test_a_return_path_of_its_own_needs_no_returned_header_but_contradicts_another_lists() -> None:
    assert found(dsn(ALICE, list_id=None), ALICE).dead == (ALICE,)
    assert found(dsn(ALICE, list_id="talk.lists.example.org"), ALICE).dead == ()


def test_a_stranger_is_not_counted() -> None:
    assert found(dsn("zed@example.net")) == Finding(notes=("zed@example.net: no member",))


def test_only_members_of_a_long_report_are_counted_and_each_once() -> None:
    strangers = [f"zed{number}@example.net" for number in range(500)]
    assert found(dsn(*strangers, ALICE, ALICE, BOB)).dead == (ALICE, BOB)


def test_only_the_member_of_the_return_path_is_counted() -> None:
    finding = found(dsn(ALICE, BOB), ALICE)
    assert finding.dead == (ALICE,)
    assert finding.person


def test_an_alias_of_which_the_target_is_dead_is_for_a_person() -> None:
    """It may be several people."""
    finding = found(dsn("gone@example.com", original=ALICE), ALICE)
    assert finding.dead == ()
    assert finding.person


def test_a_host_behind_the_domain_is_no_alias() -> None:
    assert found(dsn("alice@mail.example.net", original=ALICE), ALICE).dead == (ALICE,)
    assert found(dsn("alice@mail.example.net"), ALICE).dead == (ALICE,)
    assert found(dsn("alice@example.com"), ALICE).dead == ()


def test_a_report_that_a_person_passed_on_is_for_a_person() -> None:
    forward = (
        b"From: carol@example.org\nTo: news-bounces@lists.example.org\nSubject: Fwd: returned\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="f"\n\n--f\nContent-Type: text/plain\n\nSee below.\n'
        b"--f\nContent-Type: message/rfc822\n\n" + dsn(ALICE) + b"\n--f--\n"
    )
    finding = found(forward, ALICE)
    assert finding.dead == ()
    assert finding.person


@pytest.mark.parametrize("address", ["", "a b@example.net", "-x@example.net"])
def test_a_failure_without_a_usable_address_is_for_a_person(address: str) -> None:
    finding = found(dsn(address), ALICE)
    assert finding.dead == ()
    assert finding.person


def test_a_note_is_one_plain_line() -> None:
    finding = found(dsn("=?utf-8?q?a=0d=0ab=1b[2J?=@example.net\x1b[2J", original="a\x1b@b"), ALICE)
    assert all(note.isascii() and note.isprintable() for note in finding.notes)


def test_outside_of_mailman_the_runner_says_where_it_belongs() -> None:
    code = "import sys; sys.modules['mailman'] = None; import dsnparse.mailman as m; m.BounceRunner"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "install dsnparse into Mailman's virtual environment" in done.stderr


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="Runner"):
        getattr(dsnparse.mailman, "Runner")  # noqa: B009 - mypy knows that it is not there

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from typing import TYPE_CHECKING

import pytest

from dsnparse.notices import compose, worth_telling
from dsnparse.notices.notice import neutral, payload
from tests.notices.examples import FULL, OWNER, decision, notice, settings

if TYPE_CHECKING:
    from email.message import EmailMessage

    from dsnparse.notices import Notice

EVIL = "x\r\nBcc: all@example.net\r\n\r\n.\r\n\x1b[2J\u202eevil\u2028\x00\x85"


def sent(told: Notice, **changed: object) -> EmailMessage:
    """Return the mail as its reader gets it: as octets, and parsed again."""
    raw = compose(told, settings(**changed)).as_bytes().replace(b"\r\n", b"\n")
    assert b"\r" not in raw
    parsed: EmailMessage = message_from_bytes(raw, policy=policy.default)
    return parsed


def test_the_mail_says_what_was_done_held_not_understood_and_failed() -> None:
    assert sent(FULL).get_content().splitlines() == [
        "The run of dsnparse that began at 2026-01-02 03:04 +0000:",
        "",
        "Could not be done (1)",
        "  mailman:lists.example.org: no answer in 10 s",
        "",
        "Providers that have a bad day: nobody there is acted on (1)",
        "  example.net: 300 addresses failed in a day, 2 is usual",
        "",
        "Done (2)",
        "  alice@example.net: remove: the mailbox is gone",
        "  bob@example.net: disable until 2026-01-02 on news: the mailbox is gone",
        "",
        "Held for you: dsnparse holds list (1)",
        "  carol@example.net: remove: example.net has a bad day",
        "",
        "Not understood, left where it lies (1)",
        "  /var/bounces/new/1.host: names no recipient",
        "",
        "mails read            44",
        "",
        "What is known of an address: dsnparse ledger show ADDRESS",
    ]


def test_no_answering_machine_answers_it() -> None:
    mail = sent(FULL, mail_to=(OWNER, "second@example.org"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["From"] == "dsnparse@lists.example.org"
    assert isinstance(mail["To"], AddressHeader)
    assert [address.addr_spec for address in mail["To"].addresses] == [OWNER, "second@example.org"]
    assert mail["Subject"] == "dsnparse: 1 failed, 1 bad day, 2 done, 1 held, 1 not understood"
    assert mail["Date"].datetime == FULL.started
    assert mail["Return-Path"] is None


def test_the_same_notice_is_the_same_mail_and_another_is_another() -> None:
    one, same = sent(FULL), sent(FULL)
    other = sent(notice(held=[decision("dave@example.net")]))
    assert one.as_bytes() == same.as_bytes()
    assert one["Message-ID"] != other["Message-ID"]
    assert one["Message-ID"].endswith("@lists.example.org>")


@pytest.mark.parametrize(
    "told",
    [
        notice(done=[decision(f"alice{EVIL}@example.net")]),
        notice(done=[decision(list=EVIL)]),
        notice(held=[decision(why=EVIL)]),
        notice(not_understood=[(f"/var/new/{EVIL}", EVIL)]),
        notice(not_understood=[("/var/new/\udcff", "a name that is no UTF-8")]),
        notice(storms=[EVIL]),
        notice(failures=[EVIL]),
        notice(counts={EVIL: 1}),
    ],
)
def test_nothing_of_a_mail_reaches_a_header_or_drives_a_terminal(told: Notice) -> None:
    mail = sent(told)
    assert sorted(mail.keys()) == sorted(sent(FULL).keys())
    assert mail["Bcc"] is None
    assert all(letter.isprintable() or letter == "\n" for letter in mail.get_content())
    assert len(mail.get_content().splitlines()) == len(mail.get_content().split("\n")) - 1
    assert compose(told, settings()).as_bytes().isascii()
    text = json.dumps(payload(told, 20), ensure_ascii=False)
    assert text.isprintable()
    text.encode("utf-8")


def test_long_words_are_cut_and_every_list_is_bounded_with_its_count() -> None:
    many = [decision(f"a{number}@example.net") for number in range(50_000)]
    told = notice(done=many, held=many, failures=["x" * 10_000])
    body = sent(told, rows=3).get_content()
    assert "Done (50000)\n  a0@example.net" in body
    assert body.count("  and 49997 more\n") == 2
    assert "a3@" not in body
    assert "x" * 300 + "..." in body
    assert len(compose(told, settings(rows=3)).as_bytes()) < 3_000
    data = payload(told, 3)
    assert (len(data["done"]), data["totals"]["done"]) == (3, 50_000)


def test_a_dry_run_and_a_run_without_anything_say_so() -> None:
    assert sent(notice(live=False))["Subject"] == "dsnparse: 1 done (dry run)"
    assert "Would be done (1)" in sent(notice(live=False)).get_content()
    assert sent(notice(done=[]))["Subject"] == "dsnparse: nothing to tell"


def test_only_what_was_done_held_not_understood_or_failed_is_worth_a_mail() -> None:
    assert not worth_telling(notice(done=[], counts={"mails read": 44}))
    for part in ("done", "held", "not_understood", "storms", "failures"):
        assert worth_telling(notice(**{"done": [], part: getattr(FULL, part)}))


def test_the_webhooks_document_has_every_key() -> None:
    data = payload(FULL, 20)
    assert list(data) == [
        *("id", "schema", "event", "started", "live", "counts", "totals"),
        *("done", "held", "not_understood", "storms", "failures"),
    ]
    assert data["done"][1] == {
        "id": FULL.done[1].id,
        "address": "bob@example.net",
        "list": "news",
        "wanted": "disable",
        "held": None,
        "why": "the mailbox is gone",
        "reason": "user_unknown",
        "until": "2026-01-02T03:04:05+00:00",
        "ripe_at": None,
    }
    assert data["held"][0]["held"] == "storm"
    assert data["id"] == payload(FULL, 20)["id"] != payload(notice(), 20)["id"]


def test_neutral_words_stay_as_they_are() -> None:
    assert neutral("alice@exämple.org: größer, 大きい") == "alice@exämple.org: größer, 大きい"
    assert neutral("a" * 300) == "a" * 300

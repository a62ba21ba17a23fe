"""What honest reports lead to; tests/trust/test_attacks.py has the others."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from dsnparse.model import Action, Defect, Kind, Original, Recipient, Trust
from dsnparse.trust import Keys, SentRow, assess, return_path, subscriber_key, verify
from tests.trust.ours import ALICE, BOB, DAY, MESSAGE_ID, NEW, NOW, OLD, SETTINGS, failed, path, report, sent


def judged(
    recipient: Recipient,
    envelope: str | None = None,
    *rows: SentRow,
    kind: Kind = Kind.BOUNCE,
    known: SentRow | None = None,
    others: tuple[Recipient, ...] = (),
) -> tuple[Trust, str | None, str, str | None]:
    """Return trust, subscriber, list and who failed in their place."""
    found = assess(
        recipient, report(recipient, *others, kind=kind), envelope, rows, SETTINGS, NOW, by_key=lambda _: known
    )
    assert (found.stand_in is not None) is (found.trust is Trust.STRONG)
    assert found.why
    return found.trust, found.address, found.list, found.final_address


def test_a_bounce_to_the_subscribers_own_return_path_is_strong() -> None:
    assert judged(failed(), path()) == (Trust.STRONG, ALICE, "news", None)
    assert judged(failed("Alice@EXAMPLE.org"), path().upper()) == (Trust.STRONG, "Alice@EXAMPLE.org", "news", None)
    assert judged(failed(action=None), path()) == (Trust.STRONG, ALICE, "news", None)


def test_the_subscriber_is_whom_we_sent_to_and_not_a_forwarding_target() -> None:
    assert judged(failed(BOB, original=ALICE), path()) == (Trust.STRONG, ALICE, "news", BOB)
    assert judged(failed(ALICE, original="alias@example.org"), path()) == (Trust.STRONG, ALICE, "news", None)


def test_a_token_of_an_older_key_is_strong_as_long_as_the_key_is_kept() -> None:
    old = path(settings=replace(SETTINGS, keys=Keys((OLD,))))
    assert judged(failed(), old) == (Trust.STRONG, ALICE, "news", None)


def test_a_forwarding_target_alone_leads_to_the_tokens_subscriber_where_the_ledger_knows_them() -> None:
    row = sent(key=subscriber_key(ALICE, NEW))
    assert judged(failed(BOB), path(), known=row) == (Trust.STRONG, ALICE, "news", BOB)
    assert judged(failed(BOB), path(), row) == (Trust.STRONG, ALICE, "news", BOB)


def test_an_unreadable_recipient_is_the_tokens_subscriber_where_the_ledger_knows_them() -> None:
    row = sent(key=subscriber_key(ALICE, NEW))
    assert judged(Recipient(), path(), known=row) == (Trust.STRONG, ALICE, "news", None)
    assert judged(Recipient(), path()) == (Trust.NONE, None, "", None)


def test_a_key_of_the_senders_own_is_resolved_by_the_ledger() -> None:
    envelope = return_path(ALICE, key=b"subscription 17", settings=SETTINGS, now=NOW)
    row = sent(key=b"subscription 17", on="talk")
    assert judged(failed(), envelope, known=row) == (Trust.STRONG, ALICE, "talk", None)
    assert judged(failed(BOB), envelope, known=row) == (Trust.STRONG, ALICE, "talk", BOB)
    assert judged(failed(), envelope) == (Trust.NONE, ALICE, "", None)


def test_the_list_of_a_form_without_one_is_that_of_the_mail() -> None:
    envelope = path(on=None)
    elsewhere = replace(sent(on="talk"), message_id="other@example.org", key=subscriber_key(ALICE, NEW))
    assert judged(failed(), envelope, sent()) == (Trust.STRONG, ALICE, "news", None)
    assert judged(failed(), envelope, sent(BOB)) == (Trust.STRONG, ALICE, "", None)
    assert judged(failed(), envelope, known=elsewhere) == (Trust.STRONG, ALICE, "", None)  # the key is on every list


def test_an_answer_to_a_mail_that_went_to_that_address_is_weak() -> None:
    assert judged(failed(), None, sent()) == (Trust.WEAK, ALICE, "news", None)
    assert judged(failed("ALICE@Example.Org"), "news-bounces@lists.example.org", sent())[0] is Trust.WEAK
    assert judged(failed(BOB, original=ALICE), None, sent()) == (Trust.WEAK, ALICE, "news", BOB)
    assert judged(failed(ALICE, original="x@example.org"), None, sent()) == (Trust.WEAK, ALICE, "news", None)


@pytest.mark.parametrize(("age", "trust"), [(0, "weak"), (30, "weak"), (-1, "weak"), (31, "none"), (-2, "none")])
def test_a_mail_is_answered_within_the_time_that_a_token_has(age: int, trust: str) -> None:
    assert judged(failed(), None, sent(at=NOW - age * DAY))[0] == trust


def test_a_mail_that_went_to_somebody_else_shows_nothing() -> None:
    assert judged(failed(), None, sent(BOB)) == (Trust.NONE, ALICE, "", None)
    assert judged(failed(), None) == (Trust.NONE, ALICE, "", None)


def test_of_a_mail_to_two_lists_the_returned_header_names_the_list() -> None:
    rows = (sent(), sent(on="talk.example.org"))
    assert judged(failed(), None, *rows) == (Trust.WEAK, ALICE, "", None)
    told = replace(report(failed()), original=Original(message_id=MESSAGE_ID, list_id="Talk.example.org"))
    assert assess(failed(), told, None, rows, SETTINGS, NOW).list == "talk.example.org"


def test_a_token_that_is_not_valid_leaves_what_the_message_id_shows_and_is_named() -> None:
    late = assess(failed(), report(failed()), path(), (sent(at=NOW + 30 * DAY),), SETTINGS, NOW + 40 * DAY)
    assert late.trust is Trust.WEAK
    assert "expired: made on 2026-11-20" in late.why


def test_without_any_setting_only_the_sent_table_counts() -> None:
    bare = replace(SETTINGS, return_paths=(), keys=Keys())
    assert assess(failed(), report(failed()), path(), (), bare, NOW).trust is Trust.NONE
    assert assess(failed(), report(failed()), path(), (sent(),), bare, NOW).trust is Trust.WEAK


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {Kind.BOUNCE, Kind.FEEDBACK}])
def test_only_failures_and_complaints_are_weighed(kind: Kind) -> None:
    assert judged(failed(), path(), sent(key=b"x"), kind=kind, known=sent()) == (Trust.NONE, ALICE, "", None)


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.FAILED])
def test_only_recipients_that_failed_are_weighed(action: Action) -> None:
    assert judged(failed(action=action), path(), sent())[0] is Trust.NONE


def test_a_report_that_a_person_passed_on_shows_nothing() -> None:
    passed = replace(report(failed()), defects=(Defect(code="report_forwarded"),))
    assert assess(failed(), passed, path(), (sent(),), SETTINGS, NOW).trust is Trust.NONE


COMPLAINT = report(Recipient(address=ALICE), kind=Kind.FEEDBACK)


def test_a_complaint_is_strong_by_the_return_path_that_it_tells() -> None:
    (alice,) = COMPLAINT.recipients
    for place in (path(), f"<{path()}>"):
        told = replace(COMPLAINT, extra={"original-mail-from": place})
        assert assess(alice, told, "fbl@example.org", (), SETTINGS, NOW).trust is Trust.STRONG
    original = Original(message_id=MESSAGE_ID, headers={"return-path": (f"<{path()}>",)})
    found = assess(alice, replace(COMPLAINT, original=original), "fbl@example.org", (), SETTINGS, NOW)
    assert (found.trust, found.address, found.list) == (Trust.STRONG, ALICE, "news")


def test_a_complaint_is_weak_by_the_message_id_and_else_nothing() -> None:
    (alice,) = COMPLAINT.recipients
    assert assess(alice, COMPLAINT, None, (sent(),), SETTINGS, NOW).trust is Trust.WEAK
    assert assess(alice, COMPLAINT, None, (), SETTINGS, NOW).trust is Trust.NONE
    forged = replace(COMPLAINT, extra={"original-mail-from": path().replace("news", "talk")})
    assert assess(alice, forged, None, (), SETTINGS, NOW).trust is Trust.NONE


def test_a_complaint_whose_recipient_was_struck_out_is_the_tokens_subscriber() -> None:
    told = replace(report(kind=Kind.FEEDBACK), extra={"original-mail-from": path()})
    row = sent(key=subscriber_key(ALICE, NEW))
    found = assess(Recipient(), told, None, (), SETTINGS, NOW, by_key=lambda key: row if key == row.key else None)
    assert (found.trust, found.address) == (Trust.STRONG, ALICE)


def test_a_bounces_returned_header_is_no_place_for_a_token() -> None:
    # Whoever has seen one mail could send it back in a report of their own, to any address of ours.
    original = Original(headers={"return-path": (path(),)})
    told = replace(report(failed()), original=original, extra={"original-mail-from": path()})
    assert assess(failed(), told, "bounces@lists.example.org", (), SETTINGS, NOW).trust is Trust.NONE


def test_the_stand_in_is_the_tokens_own() -> None:
    token = verify(path(), SETTINGS, NOW)
    assert token is not None
    assert assess(failed(), report(failed()), path(), (sent(),), SETTINGS, NOW).stand_in == token.id


def test_a_report_on_a_thousand_strangers_is_weighed_at_once() -> None:
    row = sent(key=subscriber_key(ALICE, NEW))
    strangers = tuple(failed(f"user{number}@example.com") for number in range(1000))
    told = report(*strangers)
    begin = time.process_time()
    for each in strangers:
        assert assess(each, told, path(), (), SETTINGS, NOW, by_key=lambda _: row).trust is Trust.NONE
    assert time.process_time() - begin < 2

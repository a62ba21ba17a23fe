from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsnparse.model import Action, Block, BounceType, Confidence, Reason, Stage
from dsnparse.status import complete, effective_status, judge
from tests.status.dead import DEAD_IN_OTHER_WORDS
from tests.status.living import ALIVE_BY_SENDER
from tests.status.living_more import ALIVE_BY_SYSTEM
from tests.status.reasons import REASONS
from tests.status.reasons_more import MORE_REASONS
from tests.status.replies import ALIVE, DEAD

BOB = "550 5.1.1 <bob@example.org>... User unknown"


@pytest.mark.parametrize("text", [*DEAD, *DEAD_IN_OTHER_WORDS])
def test_a_dead_address_is_hard(text: str) -> None:
    assert judge(Block(diagnostic=text)).bounce_type == "hard"
    assert judge(Block(diagnostic=text, action=Action.FAILED)).bounce_type == "hard"


@pytest.mark.parametrize("text", [*ALIVE, *ALIVE_BY_SENDER, *ALIVE_BY_SYSTEM])
def test_nobody_living_is_called_dead(text: str) -> None:
    assert judge(Block(diagnostic=text)).bounce_type != "hard"
    assert judge(Block(diagnostic=text, action=Action.FAILED)).bounce_type != "hard"


@pytest.mark.parametrize("text", DEAD)
def test_hard_needs_class_five_a_final_action_and_a_sure_reader(text: str) -> None:
    block = Block(diagnostic=text, action=Action.FAILED)
    assert judge(replace(block, reported_status="4.4.7")).bounce_type == "soft"
    assert judge(replace(block, reply_code="450")).bounce_type == "soft"
    assert judge(replace(block, reported_status="2.0.0")).bounce_type == "soft"
    assert judge(replace(block, action=Action.DELAYED)).bounce_type is None
    assert judge(replace(block, confidence=Confidence.LOW)).bounce_type == "soft"


@pytest.mark.parametrize(("text", "reason"), [*REASONS, *MORE_REASONS])
def test_reason(text: str, reason: str) -> None:
    assert judge(Block(diagnostic=text)).reason == reason


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.HELO, Stage.MAIL])
def test_before_rcpt_no_recipient_is_condemned(stage: Stage) -> None:
    assert judge(Block(diagnostic=BOB, stage=stage)).bounce_type == "soft"
    null_mx = judge(Block(diagnostic="521 5.3.2 mail.example.org does not accept mail", stage=stage))
    assert null_mx.bounce_type == "hard"


@pytest.mark.parametrize("status", ["5.1.7", "5.1.8"])
def test_a_code_of_the_senders_address_turns_the_words_upon_the_sender(status: str) -> None:
    verdict = judge(Block(diagnostic=f"550 {status} mailbox does not exist"))
    assert (verdict.bounce_type, verdict.reason) == ("soft", "sender_rejected")


@pytest.mark.parametrize("code", ["534", "535", "538"])
def test_an_answer_to_a_login_condemns_nobody(code: str) -> None:
    verdict = judge(Block(diagnostic=f"{code} unknown user"))
    assert (verdict.bounce_type, verdict.reason) == ("soft", "security_error")


def test_a_bad_name_in_ehlo_is_the_senders_fault() -> None:
    verdict = judge(Block(diagnostic="501 Invalid domain name", stage=Stage.HELO))
    assert (verdict.bounce_type, verdict.reason) == ("soft", "sender_blocked")


def test_words_of_another_fault_outweigh_a_condemning_code() -> None:
    verdict = judge(Block(diagnostic="550 5.1.2 no route to host"))
    assert (verdict.bounce_type, verdict.reason) == ("soft", "network_error")


def test_an_answer_to_mail_from_speaks_of_the_sender() -> None:
    assert judge(Block(diagnostic=BOB, stage=Stage.MAIL)).reason == "sender_rejected"


@pytest.mark.parametrize("action", [Action.DELIVERED, Action.RELAYED, Action.EXPANDED])
def test_success_is_no_bounce(action: Action) -> None:
    verdict = judge(Block(diagnostic=BOB, action=action))
    assert (verdict.bounce_type, verdict.reason, verdict.retry) == (None, None, None)


def test_delayed_is_not_final() -> None:
    verdict = judge(Block(diagnostic="450 4.2.2 mailbox full", action=Action.DELAYED))
    assert (verdict.bounce_type, verdict.reason, verdict.permanent) == (None, Reason.MAILBOX_FULL, False)
    assert verdict.retry is not None
    assert verdict.retry.advice == "wait"


def test_failed_with_class_four_is_soft_and_final() -> None:
    verdict = judge(Block(diagnostic="450 4.2.2 mailbox full", action=Action.FAILED))
    assert (verdict.bounce_type, verdict.permanent) == (BounceType.SOFT, True)


def test_nothing_known_of_a_failure_is_undetermined() -> None:
    verdict = judge(Block(action=Action.FAILED))
    assert (verdict.reason, verdict.bounce_type, verdict.confidence) == (Reason.UNDETERMINED, None, Confidence.LOW)
    assert judge(Block(action=Action.FAILED, reported_status="4.0.0")).bounce_type == "soft"


@pytest.mark.parametrize("text", ["221 Goodbye", "250 2.1.5 Ok", "404", "", "550", "421", "554", "2.0.0"])
def test_no_reason_where_none_is_stated(text: str) -> None:
    verdict = judge(Block(diagnostic=text))
    assert (verdict.reason, verdict.bounce_type) == (None, None)


CODES = [
    ("5.1.1", "user_unknown", "hard"),
    ("4.1.1", "user_unknown", "soft"),
    ("5.1.0", "user_unknown", None),
    ("5.1.2", "domain_not_found", "hard"),
    ("5.2.1", "mailbox_disabled", "hard"),
    ("5.2.2", "mailbox_full", "soft"),
    ("5.3.2", "domain_no_mail", None),
    ("4.3.2", "domain_no_mail", "soft"),
    ("5.4.4", "network_error", None),
    ("5.5.0", "protocol_error", None),
    ("5.5.3", "too_many_recipients", "soft"),
    ("5.7.1", "policy_refused", "soft"),
    ("550 4.7.1", "policy_refused", "soft"),
    ("501", "protocol_error", None),
    ("503", "protocol_error", "soft"),
    ("521", "domain_no_mail", None),
    ("556", "domain_no_mail", "hard"),
    ("451", "system_error", "soft"),
]


@pytest.mark.parametrize(("text", "reason", "bounce_type"), CODES)
def test_a_bare_code(text: str, reason: str, bounce_type: str | None) -> None:
    verdict = judge(Block(diagnostic=text))
    assert (verdict.reason, verdict.bounce_type) == (reason, bounce_type)


STATUS = [
    ("5.0.0", "5.1.1", "5.1.1"),
    ("5.1.1", "5.0.0", "5.1.1"),
    ("4.4.7", "5.1.0", "5.1.0"),
    ("5.3.0", "5.1.1", "5.1.1"),
    ("5.3.0", "5.0.0", "5.3.0"),
    ("5.1.1", "5.7.1", "5.7.1"),
    ("5.7.1", "5.1.0", "5.7.1"),
    ("5.1.1", None, "5.1.1"),
    (None, "5.1.1", "5.1.1"),
    (None, None, None),
    ("junk", None, None),
    ("5.1.1 (bad destination)", None, "5.1.1"),
]


@pytest.mark.parametrize(("reported", "reply", "effective"), STATUS)
def test_the_most_specific_status_counts(reported: str | None, reply: str | None, effective: str | None) -> None:
    assert effective_status(Block(reported_status=reported, reply_status=reply)) == effective


def test_complete_fills_only_what_is_open() -> None:
    block = Block(diagnostic="host mx said: 550 5.1.1 no (in reply to RCPT TO command)", reply_code="554")
    filled = complete(block)
    assert (filled.reply_code, filled.reply_status, filled.stage) == ("554", "5.1.1", Stage.RCPT)
    assert complete(filled) is filled
    assert judge(filled) == judge(block)


def test_the_evidence_is_named() -> None:
    verdict = judge(Block(diagnostic=BOB))
    assert (verdict.rule, verdict.evidence, verdict.about) == ("user-unknown-system", "user unknown", "recipient")
    assert verdict.confidence == "high"
    assert judge(Block(diagnostic="550 5.1.1 zork")).rule == "status-x.1.1"


TEXT = (
    st.text()
    | st.lists(st.sampled_from([*DEAD, *ALIVE])).map(" ".join)
    | st.binary().map(lambda raw: raw.decode("latin-1"))
)


@given(text=TEXT, status=st.none() | st.text(max_size=9), action=st.sampled_from([None, *Action]))
def test_any_text_is_judged(text: str, status: str | None, action: Action | None) -> None:
    verdict = judge(Block(diagnostic=text, reported_status=status, action=action))
    if verdict.bounce_type is BounceType.HARD:
        assert verdict.permanent
        assert verdict.about in {"recipient", "domain"}
    json.dumps(verdict.evidence)

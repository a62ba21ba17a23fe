from __future__ import annotations

import time

import pytest

from dsnparse.model import Stage
from dsnparse.smtp.reply import Reply, find, read
from dsnparse.smtp.stage import stage_of
from dsnparse.text.limits import MAX_TEXT_SCANNED

FOUND = [
    ("550 5.1.1 User unknown", "550", "5.1.1"),
    ("550-5.1.1 User\r\n550 5.1.1 unknown", "550", "5.1.1"),
    ("smtp; 550 5.1.1 User unknown", "550", "5.1.1"),
    ("550 User unknown (#5.1.1)", "550", "5.1.1"),
    ("550 #5.1.0 Address rejected.", "550", "5.1.0"),
    ("#5.1.1", None, "5.1.1"),
    ("(#5.1.1)", None, "5.1.1"),
    ("5.1.1 user unknown", None, "5.1.1"),
    ("#550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large ##", "550", "5.2.3"),
    ("550", "550", None),
    ("452 4.1.0", "452", "4.1.0"),
    ('451 " 4.7.1 Greylisting in action', "451", "4.7.1"),
    ("host mx.example.org[192.0.2.1] said: 450 4.2.0 try later (in reply to RCPT TO command)", "450", "4.2.0"),
    ("SMTP error from remote mail server after RCPT TO:<b@example.org>: host mx [192.0.2.1]: 553 no", "553", None),
    ("<<< 550 no such user", "550", None),
    ("<-- 554 mx.example.org ESMTP not available", "554", None),
    ("192.0.2.1 does not like recipient. Remote host said: 501 Invalid Address", "501", None),
    ("#<mx.example.org #5.0.0 smtp; 550 no such user>", "550", "5.0.0"),
    ("[{LED=550 5.4.1 Recipient address rejected: Access denied};{MSG=};{FQDN=}]", "550", "5.4.1"),
    ("Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'", "550", "5.1.1"),
    ("SMTP Error (state 13): 503 This mail server requires authentication", "503", None),
    ("Invalid Address, ERROR_CODE :550, ERROR_CODE :5.2.1 <b@example.org>... User Unknown", "550", "5.2.1"),
    ("554 Message size exceeds 500 bytes", "554", None),
    ("550 5.0.0 failed, see 5.1.1 below", "550", "5.1.1"),
]

NOT_FOUND = [
    "404",
    "192.0.2.250",
    "192.0.2.250 is not allowed",
    "4.5.1.2",
    "at 12:550 it failed",
    "2001:db8::250 refused",
    "[192.0.2.1]:550",
    "queue id 550ABC1234",
    "id=4550",
    "message of 552 bytes",
    "size 552 of 550 MB",
    "https://example.org/550/5.1.1x",
    "user550@example.org",
    "mx550.example.org",
    "on 5.11.2023",
    "Postfix 2.11.1",
    "version 5.1.1 of the software",
    "SMTP Error 101, Error opening connection",
    "syntax error: 3-digit code not found; ",
    "error 200 certificate bad",
    "550.25",
    "",
]


@pytest.mark.parametrize(("text", "code", "status"), FOUND)
def test_codes_are_found(text: str, code: str | None, status: str | None) -> None:
    reply = read(text)
    assert (reply.code, reply.status) == (code, status)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_other_numbers_are_no_codes(text: str) -> None:
    assert find(text) == ()


def test_a_multi_line_reply_is_joined_without_its_prefixes() -> None:
    assert read("550-5.1.1 The account\r\n550-5.1.1 does not\r\n550 5.1.1 exist").text == "The account does not exist"
    assert read("550 5.1.1 The account 550-5.1.1 does not 550 5.1.1 exist").text == "The account does not exist"


def test_the_first_permanent_reply_decides() -> None:
    text = "450 busy - please try later 551 not our user 503 need RCPT command"
    assert [reply.code for reply in find(text)] == ["450", "551", "503"]
    assert read(text) == Reply(code="551", text="not our user")


@pytest.mark.parametrize("echo", ["503 5.0.0 Need RCPT (recipient)", "554 5.5.1 Error: no valid recipients"])
def test_an_echo_does_not_decide(echo: str) -> None:
    assert read(f"{echo} 550 5.1.1 no such user").status == "5.1.1"
    assert read(f"450 4.7.1 client refused {echo}").code in {"450", echo[:3]}


def test_a_temporary_reply_decides_over_an_echo_only_when_no_other_is_permanent() -> None:
    assert read("421 4.7.0 closing 550 5.1.1 no such user").code == "550"


STAGES = [
    ("host mx.example.org said: 550 no (in reply to RCPT TO command)", Stage.RCPT),
    ("host mx.example.org said: 550 no (in reply to MAIL FROM command)", Stage.MAIL),
    ("host mx.example.org said: 550 no (in reply to end of DATA command)", Stage.EOD),
    ("host mx.example.org refused to talk to me: 554 go away", Stage.CONNECT),
    ("SMTP error from remote mail server after initial connection: host mx: 554 go away", Stage.CONNECT),
    ("SMTP error from remote mail server after pipelined MAIL FROM:<a@example.org>: 550 no", Stage.MAIL),
    ("192.0.2.1 does not like recipient. Remote host said: 550 no", Stage.RCPT),
    ("Connected to 192.0.2.1 but sender was rejected. Remote host said: 550 no", Stage.MAIL),
    ("Connected to 192.0.2.1 but my name was rejected. Remote host said: 550 no", Stage.HELO),
    ("192.0.2.1 failed after I sent the message. Remote host said: 550 no", Stage.EOD),
    ("mx.example.org did not like our final DATA: 554 no", Stage.EOD),
    (">>> RCPT To:<b@example.org> <<< 550 no", Stage.RCPT),
    ("550 no [RCPT_TO]", Stage.RCPT),
    ("550 MAIL FROM is mismatched with the header", None),
    ("550 the recipient is not known", None),
]


@pytest.mark.parametrize(("text", "stage"), STAGES)
def test_stage(text: str, stage: Stage | None) -> None:
    assert read(text).stage is stage


HINTS = [
    "in reply to",
    "in response to",
    "response to",
    "after",
    "did not like our",
    ">>>",
    "-->",
    "following",
    "during",
    "while sending",
    "sending",
    "failed on",
    "failed at",
    "error at",
    "stage:",
]


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize(
    ("words", "stage"), [("RCPT TO", Stage.RCPT), ("the end of data", Stage.EOD), ("our EHLO", Stage.HELO)]
)
def test_each_word_in_front_of_a_command_is_found(hint: str, words: str, stage: Stage) -> None:
    assert stage_of("", f"Sorry, {hint} {words}.") is stage
    assert stage_of(f"Sorry,{hint.upper()}{words}: ", "550 no") is stage


PHRASES = [
    ("refused to talk to me", Stage.CONNECT),
    ("but connection died", Stage.CONNECT),
    ("but greeting failed", Stage.CONNECT),
    ("but my name was rejected", Stage.HELO),
    ("but sender was rejected", Stage.MAIL),
    ("does not like recipient", Stage.RCPT),
    ("failed on DATA command", Stage.DATA),
    ("failed after I sent the message", Stage.EOD),
    ("most progress was RCPT TO", Stage.RCPT),
]


@pytest.mark.parametrize(("words", "stage"), PHRASES)
def test_each_phrase_is_found(words: str, stage: Stage) -> None:
    assert stage_of("", words) is stage
    assert stage_of(words, "no") is stage


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("550 5.1.1 550 5.1.1 no", [("550", "5.1.1")]),
        ("550 5.5.550 no", [("550", "5.5.550")]),
        ("550 5.1.1, 551 5.1.6 gone", [("550", "5.1.1"), ("551", "5.1.6")]),
        ("550 5.1.1550 no", [("550", None)]),
        ("550 5.1.1-550 no", [("550", "5.1.1")]),
        ("550 - 5.1.1 no", [("550", "5.1.1")]),
        ("550 (((( 5.1.1 no", [("550", "5.1.1")]),
    ],
)
def test_the_enhanced_code_behind_a_code_is_its_own(text: str, codes: list[tuple[str, str | None]]) -> None:
    assert [(reply.code, reply.status) for reply in find(text)] == codes


def test_no_text_is_no_reply() -> None:
    assert read(None) == Reply()
    assert read("no codes here") == Reply(text="no codes here")


def test_nothing_is_read_beyond_the_limit() -> None:
    assert find("x" * MAX_TEXT_SCANNED + " 550 no") == ()


@pytest.mark.parametrize(
    "unit", ["550 ", "550-", "5.1.1 ", "1.", "a", "after ", "<", "(in reply to ", "550 5.1.1 a ", "-5"]
)
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        read(text)
        return time.process_time() - began

    seconds(1000)
    small, large = max(seconds(12_000), 0.001), seconds(96_000)
    assert large < small * 40  # eight times the text; a quadratic reader needs 64 times as long

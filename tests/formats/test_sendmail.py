from __future__ import annotations

from dsnparse import formats, reading
from dsnparse.model import Action, Block, Stage
from tests.formats.mails import mail

HEAD = "The original message was received at Tue, 3 Feb 2026 10:00:00 +0000\nfrom client.example.net [192.0.2.9]\n\n"
FATAL = "   ----- The following addresses had permanent fatal errors -----\n"
SESSION = "\n   ----- Transcript of session follows -----\n"


def read(text: str) -> tuple[Block, ...]:
    fields = formats.read(mail(text, subject="Returned mail: see transcript for details"), None)
    assert fields is not None
    assert fields.format == "sendmail"
    return fields.blocks


def test_the_reason_is_the_remote_s_reply_and_the_session_names_the_host() -> None:
    (block,) = read(
        HEAD + FATAL + "<alice@example.org>\n    (reason: 550 5.1.1 No such user)\n"
        "    (expanded from: <team@example.net>)\n"
        + SESSION + "... while talking to mx.example.org.:\n>>> RCPT To:<alice@example.org>\n"
        "<<< 550 5.1.1 No such user\n"
        "550 5.1.1 <alice@example.org>... User unknown\n"
    )  # fmt: skip
    assert (block.address, block.original_address) == ("alice@example.org", "team@example.net")
    assert (block.reply_code, block.reply_status, block.remote_mta) == ("550", "5.1.1", "mx.example.org")
    assert block.diagnostic == "550 5.1.1 No such user"
    assert block.stage is Stage.RCPT


def test_what_sendmail_makes_of_a_553_does_not_hide_what_the_remote_said() -> None:
    (block,) = read(
        HEAD + FATAL + "alice@example.org\n    (reason: 553 Sender Policy Framework (SPF) fail)\n"
        + SESSION + "... while talking to mx.example.org.:\n>>> DATA\n<<< 553 Sender Policy Framework (SPF) fail\n"
        "550 5.1.1 alice@example.org... User unknown\n<<< 503 RCPT first\n"
    )  # fmt: skip
    assert block.reply_status is None
    assert block.diagnostic is not None
    assert "Sender Policy" in block.diagnostic


def test_an_exit_code_is_no_reason() -> None:
    (block,) = read(
        HEAD + FATAL + '"|/bin/false"\n    (reason: 1)\n    (expanded from: <alice@example.org>)\n'
        + SESSION + "554 5.3.0 unknown mailer error 1\n"
    )  # fmt: skip
    assert (block.address, block.reply_code, block.reply_status) == ("alice@example.org", "554", "5.3.0")


def test_the_session_alone_tells_each_recipient_s_own_story() -> None:
    blocks = read(
        "   ----- Transcript of session follows -----\n"
        "While talking to mx.example.org:\n>>> RCPT To:<alice@example.org>\n"
        "<<< 550 <alice@example.org>... User unknown\n"
        "550 <alice@example.org>... User unknown\n"
        "550 example.com (smtp)... 550 Host unknown\n"
        "554 <carol@example.com>... 550 Host unknown (Authoritative answer from name server)\n"
    )
    assert [block.address for block in blocks] == ["alice@example.org", "carol@example.com"]
    assert "User unknown" in (blocks[0].diagnostic or "")
    assert "Host unknown" in (blocks[1].diagnostic or "")


def test_the_host_that_failed_points_to_the_returned_mail_s_recipient() -> None:
    (block,) = read(
        "   ----- Transcript of session follows -----\n"
        "421 example.org (smtp)... Deferred: Connection timed out during user open with example.org\n\n"
        "   ----- Unsent message follows -----\n"
        "Received: by mail.example.net; (5.65/1.37) id 1\nFrom: bob@example.net\nTo: alice@example.org\n"
        "Subject: Hello\n\nHi\n"
    )
    assert block.address == "alice@example.org"


def test_transient_errors_are_delayed_and_prose_about_the_lists_opens_none() -> None:
    blocks = read(
        HEAD + 'The address is listed in the section labeled:\n'
        'listed: "----- The following addresses had permanent fatal errors -----".\n'
        "Ask your\nadministrator.\n\n"
        "   ----- The following addresses had transient non-fatal errors -----\n<alice@example.org>\n"
        + SESSION + "<alice@example.org>... Deferred: Connection refused by mx.example.org.\n"
        "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n"
    )  # fmt: skip
    assert [(block.address, block.action) for block in blocks] == [("alice@example.org", Action.DELAYED)]


def test_an_expired_deferral_says_that_time_ran_out() -> None:
    (block,) = read(
        HEAD + FATAL + "<alice@example.org>\n"
        + SESSION + "<alice@example.org>... Deferred: Connection refused by mx.example.org.\n"
        "Message could not be delivered for 5 days\nMessage will be deleted from queue\n"
    )  # fmt: skip
    assert "could not be delivered for 5 days" in (block.diagnostic or "")


def test_a_return_receipt_fails_nobody() -> None:
    blocks = read(
        HEAD + "   ----- Transcript of session follows -----\n<crew@example.org>... expanded to multiple addresses\n"
        "alice@example.org... Successfully delivered\ncarol@example.com... relayed; expect no further notifications\n"
    )
    assert [block.action for block in blocks] == [Action.EXPANDED, Action.DELIVERED, Action.RELAYED]


def test_active_hunter_marks_its_recipients_with_arrows() -> None:
    (block,) = read(
        HEAD
        + FATAL
        + "\n>>> alice@example.org <alice@example.org>\n"
        + SESSION
        + "550 sorry, no mailbox here by that name (#5.1.1)\n"
    )
    assert (block.address, block.reply_code, block.reply_status) == ("alice@example.org", "550", "5.1.1")


def test_a_reply_of_one_host_is_not_laid_to_the_recipients_of_the_next() -> None:
    report = reading.read(
        b"From: MAILER-DAEMON@mail.example.org\nSubject: Returned mail: Host unknown\n\n"
        b"   ----- Transcript of session follows -----\n"
        b"While talking to mx.example.org:\n>>> MAIL From:<news@lists.example.org>\n"
        b"<<< 501 <news@lists.example.org>... no access from an open relay.\n"
        b"554 <alice@example.org>... Remote protocol error\n"
        b"550 gone.example.net (smtp)... 550 Host unknown\n"
        b"554 <bob@gone.example.net>... 550 Host unknown (Authoritative answer from name server)\n\n"
        b"   ----- Unsent message follows -----\nTo: alice@example.org\nSubject: hello\n\nHello\n"
    )
    assert [(one.address, one.verdict.bounce_type, one.verdict.about) for one in report.recipients] == [
        ("alice@example.org", "soft", "sender"),
        ("bob@gone.example.net", "hard", "domain"),
    ]

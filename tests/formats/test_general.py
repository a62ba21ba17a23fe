from __future__ import annotations

import pytest

from dsnparse import formats
from dsnparse.model import Action, Confidence, Kind
from tests.formats.mails import mail

UNKNOWN_SYSTEMS = {
    "a list below a sentence": "We failed to deliver it to\n\n  - alice@example.org\n  - carol@example.com\n",
    "an address in the sentence": "Your note to alice@example.org and to carol@example.com could not be delivered.\n",
    "labels": "The transfer failed.\n\nRecipient: alice@example.org\nRecipient: carol@example.com\nCause: no account\n",
    "a transcript": "Session:\nC: RCPT TO:<alice@example.org>\nS: 550 5.1.1 unknown\nC: RCPT TO:<carol@example.com>\n"
    "S: 452 4.2.2 full\nThe message was not delivered.\n",
    "dots": "Errors while delivering:\nalice@example.org... no such user\ncarol@example.com... quota exceeded\n",
    "replies beside addresses": "Delivery report\nalice@example.org 550 5.1.1 unknown\n"
    "carol@example.com 552 5.2.2 full\n",
}


@pytest.mark.parametrize("text", UNKNOWN_SYSTEMS.values(), ids=UNKNOWN_SYSTEMS.keys())
def test_a_notice_of_an_unknown_system_names_its_recipients(text: str) -> None:
    fields = formats.read(mail(text, subject="Undeliverable"), None)
    assert fields is not None
    assert fields.format == "general"
    assert [block.address for block in fields.blocks] == ["alice@example.org", "carol@example.com"]
    assert {block.action for block in fields.blocks} == {Action.FAILED}
    assert Confidence.HIGH not in {block.confidence for block in fields.blocks}


LANGUAGES = {
    "de": "Die Nachricht konnte nicht zugestellt werden an:\n\n    alice@example.org\n\nGrund: Postfach voll",
    "fr": "Votre message n'a pas pu être remis au destinataire suivant:\n\n    alice@example.org\n\nBoîte pleine",
    "es": "No se pudo entregar su mensaje a:\n\n    alice@example.org\n\nBuzón lleno",
    "it": "Impossibile recapitare il messaggio a:\n\n    alice@example.org\n\nCasella piena",
    "pt": "Não foi possível entregar a sua mensagem para:\n\n    alice@example.org\n\nCaixa postal cheia",
    "nl": "Uw bericht kon niet worden bezorgd bij:\n\n    alice@example.org\n\nDe postbus is vol",
    "pl": "Wiadomość nie została dostarczona do:\n\n    alice@example.org\n\nSkrzynka pełna",
    "ru": "Ваше письмо не может быть доставлено получателю:\n\n    alice@example.org\n\nЯщик переполнен",
    "ja": "次の宛先にメールを配信できませんでした。\n\n    alice@example.org\n\n容量を超えています",
    "zh-hans": "您的邮件无法送达以下收件人\n\n    alice@example.org\n\n邮箱已满",
    "zh-hant": "您的郵件無法送達以下收件者\n\n    alice@example.org\n\n信箱已滿",
    "ko": "다음 수신자에게 메일이 전달되지 않았습니다:\n\n    alice@example.org\n\n용량 초과",
    "sv": "Det gick inte att leverera meddelandet till:\n\n    alice@example.org\n",
    "cs": "Zprávu nelze doručit příjemci:\n\n    alice@example.org\n",
    "tr": "İletiniz teslim edilemedi:\n\n    alice@example.org\n",
}


@pytest.mark.parametrize("text", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_failure_is_understood_in_many_languages(text: str) -> None:
    fields = formats.read(mail(text, return_path="<>", subject="?"), None)
    assert fields is not None
    assert [(block.address, block.action) for block in fields.blocks] == [("alice@example.org", Action.FAILED)]


DELAYS = {
    "en": "Your message to alice@example.org has not yet been delivered. We will keep trying for 5 days.",
    "warning only": "Mail to alice@example.org could not be delivered.\nTHIS IS A WARNING ONLY.",
    "no need to resend": "Could not deliver to alice@example.org: 550 busy.\nYou do not need to resend your message.",
    "de": "Ihre Nachricht an alice@example.org konnte noch nicht zugestellt werden, weitere Zustellversuche folgen.",
    "fr": "Votre message à alice@example.org n'a pas encore été remis.",
    "es": "Su mensaje a alice@example.org todavía no se ha podido entregar.",
    "ru": "Письмо для alice@example.org ещё не доставлено, попытки доставки будут продолжены.",
    "ja": "alice@example.org への配信が遅延しています。",
}


@pytest.mark.parametrize("text", DELAYS.values(), ids=DELAYS.keys())
def test_a_system_that_goes_on_trying_has_failed_nobody(text: str) -> None:
    fields = formats.read(mail(text, return_path="<>"), None)
    assert fields is not None
    assert [(block.address, block.action) for block in fields.blocks] == [("alice@example.org", Action.DELAYED)]


NEVER_TAKEN = {
    "the addressee of the notice": "Mail from bob@example.net could not be delivered.",
    "the daemon": "MAILER-DAEMON@mail.example.net could not deliver the mail.",
    "a postmaster": "Mail could not be delivered.\nPlease ask postmaster@example.org.",
    "a contact": "Mail could not be delivered.\nFor assistance contact helpdesk@example.org.",
    "a message id": "Mail could not be delivered.\nMessage-ID: <20260203.1@example.org>",
    "the returned mail": "Mail could not be delivered.\n\n----- Original message -----\nReceived: from x by y\n"
    "From: bob@example.net\nTo: alice@example.org\nSubject: Hello\n",
    "the sender of the returned mail": "Mail could not be delivered.\nFrom: carol@example.org\nSubject: Hello\n",
}


@pytest.mark.parametrize("text", NEVER_TAKEN.values(), ids=NEVER_TAKEN.keys())
def test_an_address_that_is_no_recipient_is_not_taken(text: str) -> None:
    fields = formats.read(mail(text), None)
    assert fields is not None
    assert fields.kind is Kind.BOUNCE
    assert fields.blocks == ()


NO_NOTICES = {
    "a letter about a bounce": (
        "carol@example.org",
        "Question about a returned mail",
        "Hello,\n\nI wrote to alice@example.org and got\n  550 5.1.1 <alice@example.org>: User unknown\n\nRegards",
    ),
    "an answer below a notice": (
        "carol@example.org",
        "Re: Undelivered Mail Returned to Sender",
        "It works again.\n\n> <alice@example.org>: host mx.example.org said: 550 unknown",
    ),
    "statistics of a postmaster": (
        "postmaster@example.org",
        "Mail statistics",
        "13 bounced\n9  550 5.1.1 User unknown alice@example.org",
    ),
    "an ordinary newsletter": (
        "news@example.org",
        "Deliverability",
        "A bounce says that mail could not be delivered to alice@example.org.",
    ),
    "a shop": (
        "shop@example.org",
        "Your parcel could not be delivered",
        "Dear customer,\n\nwe could not reach alice@example.org.\n",
    ),
}


@pytest.mark.parametrize(("from_", "subject", "text"), NO_NOTICES.values(), ids=NO_NOTICES.keys())
def test_a_mail_that_talks_about_bounces_is_none(from_: str, subject: str, text: str) -> None:
    assert formats.read(mail(text, from_=from_, subject=subject, return_path=f"<{from_}>"), None) is None


def test_x_failed_recipients_names_recipients_that_the_text_hides() -> None:
    message = mail(
        "The mail could not be delivered: mailbox full.", headers={"X-Failed-Recipients": "alice@example.org"}
    )
    fields = formats.read(message, None)
    assert fields is not None
    (block,) = fields.blocks
    assert block.address == "alice@example.org"
    assert "mailbox full" in (block.diagnostic or "")


def test_a_reply_of_a_server_beside_the_recipient_raises_confidence() -> None:
    fields = formats.read(mail("Failed:\n\nRCPT TO:<alice@example.org>\n550 5.1.1 User unknown\n"), None)
    assert fields is not None
    assert [(block.reply_code, block.confidence) for block in fields.blocks] == [("550", Confidence.MEDIUM)]

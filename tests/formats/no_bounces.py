"""Mails that are no bounces, of our own making: who wrote them, the subject, the text, and what they are."""

from __future__ import annotations

from typing import Final, NamedTuple

from dsnparse.model import Kind

__all__ = ["MAILS", "NoBounce"]


class NoBounce(NamedTuple):
    """One mail: `fields` are further header fields."""

    from_: str
    subject: str
    text: str
    kind: Kind = Kind.OTHER
    fields: dict[str, str] = {}  # noqa: RUF012 - never changed, and a NamedTuple takes no factory


_NULL: Final = {"Return-Path": "<>"}
_AUTO: Final = {"Auto-Submitted": "auto-generated"}
_REPLIED: Final = {"Auto-Submitted": "auto-replied"}

MAILS: Final[dict[str, NoBounce]] = {
    "a ticket system that quotes a bounce": NoBounce(
        "Help Desk <help@example.org>",
        "[#4711] Delivery Status Notification (Failure)",
        "Your request has been received and assigned number 4711.\n\nOn Tuesday you wrote:\n"
        "> Delivery to the following recipient failed permanently:\n>\n>     alice@example.org\n>\n"
        "> 550 5.1.1 unknown\n",
        Kind.AUTOREPLY,
        _REPLIED,
    ),
    "a ticket system without a word in its header": NoBounce(
        "Support <support@example.org>",
        "[Ticket 12] Undelivered Mail Returned to Sender",
        "Dear customer,\n\nthank you. A colleague will answer you.\n\n"
        "> <alice@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1 User unknown\n",
    ),
    "a ticket that was closed": NoBounce(
        "support@example.org",
        "Ticket 12 closed: mail to alice@example.org not delivered",
        "The ticket has been closed.\nSummary: mail to alice@example.org could not be delivered, 550 5.1.1.\n"
        "Solution: the account was created.\n",
        fields={"Return-Path": "<support@example.org>", "In-Reply-To": "<1@example.net>"},
    ),
    "a digest of a quarantine": NoBounce(
        "Quarantine <quarantine@example.net>",
        "Quarantine digest: 2 messages were blocked",
        "The following messages to bob@example.net were blocked:\n\n"
        "  alice@example.org   You have won\n  carol@example.com   Invoice\n\nRelease: https://example.net/q\n",
        fields=_AUTO,
    ),
    "a digest of a quarantine, from nobody": NoBounce(
        "postmaster@example.net",
        "Spam quarantine summary",
        "You have 2 new messages in quarantine.\n\nalice@example.org   You have won   was blocked\n"
        "carol@example.com   Invoice   was rejected\n",
        fields=_NULL,
    ),
    "a post that waits for a moderator": NoBounce(
        "test-bounces@example.net",
        "Your message to test awaits moderator approval",
        "Your mail to 'test' with the subject\n\n    Hello\n\nIs being held until the list moderator can review it for "
        "approval.\n\nThe reason it is being held:\n\n    Post by non-member to a members-only list\n",
        fields={"List-Id": "<test.example.net>", "Precedence": "bulk", "X-Mailman-Version": "2.1.39"},
    ),
    "a moderator who is asked": NoBounce(
        "test-owner@example.net",
        "test post from alice@example.org requires approval",
        "As list administrator, your authorization is requested for the following posting:\n\n"
        "    List:    test@example.net\n    From:    alice@example.org\n    Subject: Undeliverable\n"
        "    Reason:  Post by non-member to a members-only list\n",
        fields={"List-Id": "<test.example.net>", "X-Mailman-Version": "2.1.39"},
    ),
    "a newsletter about deliverability": NoBounce(
        "Mail News <news@example.com>",
        "Why is my mail undeliverable?",
        "Five reasons why mail is undeliverable.\n\n1. The address does not exist (550 5.1.1 alice@example.org).\n"
        "2. The mailbox is full: 552 5.2.2 carol@example.com mailbox full\n",
        fields={"List-Unsubscribe": "<https://example.com/u>", "Precedence": "bulk"},
    ),
    "a newsletter without a list's header": NoBounce(
        "Mail News <news@example.com>",
        "The undeliverable truth",
        "Dear reader,\n\nmail to alice@example.org could not be delivered. How come?\n\nBest regards\n",
        fields={"Return-Path": "<bounce-1@example.com>"},
    ),
    "statistics of a postmaster": NoBounce(
        "postmaster@example.net",
        "Postfix log summaries for Feb 3",
        "Grand Totals\n------------\nmessages\n\n   120   received\n   118   delivered\n     2   bounced\n"
        "     1   rejected\n\n"
        "message bounce detail (by relay)\n--------------------------------\n"
        "  mx.example.org[192.0.2.1]:25 (total: 1)\n     1   550 5.1.1 <alice@example.org>: User unknown\n",
    ),
    "statistics of mail deliveries": NoBounce(
        "postmaster@example.net",
        "Daily mail delivery report",
        "Mail delivery report for 3 February\n\nSent: 120\nFailed: 2\n\n"
        "Top failures:\n   1  alice@example.org  550 5.1.1 User unknown\n   1  carol@example.com  mailbox full\n",
    ),
    "statistics of a sending service": NoBounce(
        "Reports <reports@example.com>",
        "Delivery report: campaign Spring",
        "Hello Bob,\n\nyour campaign was sent.\n\nDelivered: 998\nBounced: 2\n\n"
        "alice@example.org  hard bounce  550 5.1.1 user unknown\ncarol@example.com  soft bounce  552 mailbox full\n",
    ),
    "a cron job": NoBounce(
        "root@mail.example.net (Cron Daemon)",
        "Cron <root@mail> /usr/local/bin/failed-mails",
        "Failed deliveries since yesterday:\nalice@example.org 550 5.1.1 User unknown\n"
        "carol@example.com 552 5.2.2 Full\n",
        fields={"X-Cron-Env": "<SHELL=/bin/sh>", **_AUTO},
    ),
    "a cron job of the mail system": NoBounce(
        "MAILER-DAEMON@mail.example.net (Cron Daemon)",
        "Cron <postfix@mail> /usr/local/bin/failed-mails",
        "status=bounced\nalice@example.org 550 5.1.1 User unknown, mail was returned\n",
        fields={"X-Cron-Env": "<SHELL=/bin/sh>"},
    ),
    "logwatch": NoBounce(
        "logwatch@mail.example.net",
        "Logwatch for mail (Linux)",
        " --------------------- Postfix Begin ------------------------\n\n        2   Bounced\n"
        "        1   550 5.1.1 <alice@example.org>: User unknown\n\n"
        " ---------------------- Postfix End ----------------\n",
        fields={"Precedence": "bulk", **_AUTO},
    ),
    "logwatch, from root": NoBounce(
        "root <root@mail.example.net>",
        "Logwatch for mail.example.net (Linux)",
        " Undeliverable mail:\n    alice@example.org: User unknown: 3 Time(s)\n"
        "    carol@example.com: Host not found: 1 Time(s)\n",
        fields=_NULL,
    ),
    "a queue that is watched": NoBounce(
        "nagios@mail.example.net",
        "** PROBLEM Service Alert: mail/queue is CRITICAL **",
        "Notification Type: PROBLEM\n\nService: mail delivery failed queue\nState: CRITICAL\n\n"
        "-Queue ID- alice@example.org (connection timed out, mail could not be delivered)\n",
    ),
    "an aggregate report of DMARC": NoBounce(
        "noreply-dmarc-support@example.com",
        "Report domain: example.net Submitter: example.com Report-ID: 1",
        "This is a DMARC aggregate report for example.net from example.com: 3 messages were rejected.\n",
        fields={"Return-Path": "<noreply-dmarc-support@example.com>"},
    ),
    "a report of TLS failures": NoBounce(
        "noreply-smtp-tls-reporting@example.com",
        "Report Domain: example.net Submitter: example.com Report-ID: <1@example.com>",
        "This is an aggregate TLS report from example.com: 2 failed sessions, mail was not delivered securely.\n",
        fields={"TLS-Report-Domain": "example.net", "Return-Path": "<>"},
    ),
    "a calendar's refusal": NoBounce(
        "Alice <alice@example.org>",
        "Declined: Budget",
        "Alice has declined this invitation.\n\nWhen: Tuesday\nOrganizer: bob@example.net\n"
        "Attendees: carol@example.com\n",
    ),
    "a calendar's refusal from nobody": NoBounce(
        "Alice <alice@example.org>",
        "Meeting declined: Budget",
        "alice@example.org was not able to accept; the meeting was rejected.\n",
        fields=_NULL,
    ),
    "a parcel service": NoBounce(
        "Parcels <no-reply@parcels.example>",
        "Delivery failed: parcel 4711",
        "We were unable to deliver your parcel 4711 to the address given.\n\nRecipient: alice@example.org\n"
        "Your parcel will be returned to sender.\n",
    ),
    "a German parcel service": NoBounce(
        "Paketdienst <info@paket.example>",
        "Zustellung fehlgeschlagen",
        "Guten Tag,\n\nIhre Sendung 4711 an alice@example.org konnte nicht zugestellt werden: Empfänger nicht "
        "angetroffen.\n",
    ),
    "a German parcel service that does not greet": NoBounce(
        "Paketdienst <info@paket.example>",
        "Zustellung fehlgeschlagen",
        "Ihre Sendung 4711 konnte nicht zugestellt werden.\n\nEmpfänger: alice@example.org\n"
        "Bitte holen Sie das Paket in der Filiale ab.\n",
    ),
    "a French parcel service": NoBounce(
        "Colis <suivi@colis.example>",
        "Échec de livraison de votre colis",
        "Votre colis n'a pas pu être livré.\n\nDestinataire : alice@example.org\nNouvelle livraison demain.\n",
    ),
    "a shop's order": NoBounce(
        "Shop <orders@shop.example>",
        "Order 12: delivery delayed",
        "Your order is delayed. Delivery to alice@example.org has not yet been made; we keep trying.\n",
    ),
    "a bank": NoBounce(
        "Bank <service@bank.example>",
        "Payment returned",
        "Your payment of 20.00 to alice@example.org was returned. Reason: account does not exist.\n",
    ),
    "a payment service": NoBounce(
        "service@pay.example",
        "Your payment to alice@example.org was rejected",
        "The recipient alice@example.org could not be found. The money has been returned to sender.\n",
    ),
    "a list's post that quotes a transcript": NoBounce(
        "Carol <carol@example.com>",
        "[postfix-users] Undelivered Mail Returned to Sender",
        "Has anybody seen this?\n\nRCPT TO:<alice@example.org>\n550 5.1.1 <alice@example.org>: User unknown\n",
        fields={"List-Id": "<postfix-users.example.net>", "Return-Path": "<owner-postfix-users@example.net>"},
    ),
    "a list's post with a session": NoBounce(
        "Carol <carol@example.com>",
        "mail delivery problem",
        "Hi all,\n\n$ swaks --to alice@example.org\n -> RCPT TO:<alice@example.org>\n"
        "<** 550 5.1.1 User unknown\n\nCheers,\nCarol\n",
        fields={"List-Post": "<mailto:list@example.net>"},
    ),
    "a forum": NoBounce(
        "Forum <noreply@forum.example>",
        "New answer: Mail delivery failed",
        "carol wrote in the topic 'Mail delivery failed':\n\nI get 550 5.1.1 <alice@example.org>: User unknown\n\n"
        "Visit the topic: https://forum.example/1\n",
        fields={"List-Unsubscribe": "<https://forum.example/u>"},
    ),
    "a bug tracker": NoBounce(
        "Bugs <bugs@tracker.example>",
        "[Bug 7] Undeliverable mail is not read",
        "--- Comment #3 ---\nThe notice says\n  alice@example.org... User unknown\nand nothing happens.\n",
        fields={**_AUTO, "X-Bugzilla-Type": "changed"},
    ),
    "a warning of an antivirus program": NoBounce(
        "Mail Scanner <antivirus@example.org>",
        "Virus found in a message to you",
        "A message from carol@example.com to bob@example.net was blocked because it contained a virus: Eicar-Test.\n",
        fields=_AUTO,
    ),
    "a warning of an antivirus program from nobody": NoBounce(
        "virusalert@example.org",
        "VIRUS (Eicar-Test) in mail TO YOU from <carol@example.com>",
        "Our checker found: Eicar-Test in an email to you from carol@example.com. The message was quarantined.\n",
        fields=_NULL,
    ),
    "a mailbox that nobody reads": NoBounce(
        "Info <info@example.org>",
        "Automatic reply: Hello",
        "This mailbox is no longer monitored. Please write to alice@example.org.\n",
        Kind.AUTOREPLY,
    ),
    "a mailbox that nobody reads, by its header": NoBounce(
        "Info <info@example.org>",
        "Hello",
        "This mailbox is no longer active. Your message was not delivered to anybody. Write to alice@example.org.\n",
        Kind.AUTOREPLY,
        _REPLIED,
    ),
    "a mailbox that nobody reads, from nobody": NoBounce(
        "Info <info@example.org>",
        "Re: Hello",
        "This mailbox is no longer monitored. Please write to alice@example.org.\n",
        Kind.AUTOREPLY,
        {**_NULL, **_REPLIED},
    ),
    "somebody who has left": NoBounce(
        "Alice <alice@example.org>",
        "Alice has left the company",
        "Alice no longer works here, this address is no longer valid. Please write to carol@example.org instead.\n",
        Kind.AUTOREPLY,
        {"X-Autoreply": "yes"},
    ),
    "somebody who has left, from nobody": NoBounce(
        "Alice <alice@example.org>",
        "Hello",
        "Alice has left the company. Your message will not be forwarded. Please write to carol@example.org.\n",
        Kind.AUTOREPLY,
        _NULL,
    ),
    "a vacation with a null return path": NoBounce(
        "Alice <alice@example.org>",
        "Re: Hello",
        "I am on vacation until Monday. For urgent matters write to carol@example.org.\n",
        Kind.AUTOREPLY,
        {**_NULL, "Precedence": "auto_reply"},
    ),
    "a vacation that says nothing in its header": NoBounce(
        "Alice <alice@example.org>",
        "Hello",
        "I am out of the office and cannot be reached until Monday.\nPlease contact carol@example.org.\n",
        Kind.AUTOREPLY,
        _NULL,
    ),
    "an answer that a mailbox is full of mail": NoBounce(
        "Alice <alice@example.org>",
        "Auto: Hello",
        "Thank you for your mail. I could not answer all mail; my mailbox is full of it. Ask carol@example.org.\n",
        Kind.AUTOREPLY,
        _REPLIED,
    ),
    "an invoice that was not paid": NoBounce(
        "Billing <billing@example.com>",
        "Your payment failed",
        "We could not charge your card. Account: alice@example.org. The payment was rejected by the bank.\n",
    ),
    "a login that failed": NoBounce(
        "Security <security@example.com>",
        "Failed login",
        "A login to alice@example.org failed. If it was you, do nothing.\n",
    ),
    "a message of a telephone system": NoBounce(
        "Fax <fax@example.net>",
        "Fax transmission failed",
        "Your fax to 0123456 could not be delivered: no answer. Sent for alice@example.org.\n",
    ),
    "a backup": NoBounce(
        "backup@example.net",
        "Backup failed on mail.example.net",
        "The backup of alice@example.org could not be processed: permanent error.\n",
        fields={"Return-Path": "<backup@example.net>"},
    ),
    "a parcel service that writes as nobody": NoBounce(
        "Parcels <no-reply@parcels.example>",
        "Delivery failed: parcel 4711",
        "Your parcel could not be delivered to alice@example.org. You receive this e-mail as you asked for messages.\n",
        fields=_NULL,
    ),
    "a shop that mails": NoBounce(
        "Shop <orders@shop.example>",
        "Delivery problem with your order",
        "This message was sent to tell you that your order could not be delivered.\n\nRecipient: alice@example.org\n"
        "Please reply to this e-mail.\n",
    ),
    "a letter of a postmaster": NoBounce(
        "Postmaster <postmaster@example.net>",
        "Mail delivery problems on Tuesday",
        "Dear users,\n\non Tuesday mail to alice@example.org and others could not be delivered for two "
        "hours.\n\nRegards\n",
    ),
    "a letter of a postmaster who holds mail": NoBounce(
        "postmaster@example.net",
        "Quarantine: message from alice@example.org was held",
        "The message from alice@example.org was blocked as spam and is held for 14 days.\n",
    ),
    "a copy of a report to a mailing list": NoBounce(
        "Carol <carol@example.com>",
        "Re: [list] Returned mail: User unknown",
        "It is a known fault.\n\n> 550 5.1.1 <alice@example.org>... User unknown\n",
        fields={"List-Id": "<list.example.net>", "In-Reply-To": "<1@example.net>"},
    ),
    "a Spanish answer of somebody who has left": NoBounce(
        "Alicia <alice@example.org>",
        "Hola",
        "Alicia ya no trabaja en la empresa y su dirección no existe. Escriba a carol@example.org.\n",
        Kind.AUTOREPLY,
        _NULL,
    ),
    "a German answer of a mailbox that nobody reads": NoBounce(
        "Info <info@example.org>",
        "Ihre Nachricht",
        "Dieses Postfach wird nicht mehr betreut, Ihre Nachricht wurde nicht zugestellt. Schreiben Sie an "
        "alice@example.org.\n",
        Kind.AUTOREPLY,
        _NULL,
    ),
}

"""Sendmail with MimeFormatErrors off: the same notices as one text, without a delivery-status part."""

from __future__ import annotations

from dataclasses import replace

from tests.mta.case import Case
from tests.mta.servers import sendmail

MC = sendmail.MC.replace("LOCAL_CONFIG\n", "define(`confMIME_FORMAT_ERRORS', `False')dnl\nLOCAL_CONFIG\n")

SERVER = replace(
    sendmail.SERVER,
    name="sendmail_plain",
    files={**sendmail.SERVER.files, "/etc/mail/run.mc": MC},
    cases=(
        Case(name="plain-user-unknown", to=("nobody@example.net",)),
        Case(name="plain-user-unknown-multi-line", to=("multi@example.net",)),
        Case(name="plain-user-unknown-local", to=("dave@example.org",), command="sendmail -Am -f '{sender}' {to}"),
        Case(name="plain-domain-not-found", to=("alice@gone.example.net",)),
        Case(name="plain-mailbox-full", to=("full@example.net",)),
        Case(name="plain-spam-after-data", to=("spam@example.net",)),
        Case(name="plain-pipe-failed", to=("broken@example.org",)),
        Case(
            name="plain-several-recipients",
            to=("nobody@example.net", "full@example.net", "alice@gone.example.net", "dave@example.org"),
            command="sendmail -Am -f '{sender}' {to}",
        ),
        Case(
            name="plain-greylisted",
            to=("grey@example.net",),
            files=("plain-delayed-greylisted", "plain-expired-greylisted"),
        ),
        Case(
            name="plain-refused",
            to=("alice@refused.example.net",),
            files=("plain-delayed-refused", "plain-expired-refused"),
        ),
    ),
)

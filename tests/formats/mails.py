"""Makes mails for the tests of formats."""

from __future__ import annotations

from email.header import Header
from typing import Any

from dsnparse import message


def mail(text: str, *, headers: dict[str, str] | None = None, **fields: str) -> message.Message:
    """Return a notice with this text; header fields by name, `from_` for From."""
    return message.read(raw(text, headers=headers, **fields))


def message_of(text: str, returned: str) -> message.Message:
    """Return a notice with this text and the header of a returned mail as a part of its own."""
    head = "From: MAILER-DAEMON@mail.example.net\nTo: bob@example.net\nSubject: Undeliverable mail\n"
    kind = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n'
    parts = f"--x\n\n{text}\n--x\nContent-Type: message/rfc822\n\n{returned}\nHello\n--x--\n"
    return message.read((head + kind + parts).encode())


def raw(text: str, *, headers: dict[str, str] | None = None, **fields: str) -> bytes:
    """Return the same as bytes."""
    values = {"From": "MAILER-DAEMON@mail.example.net", "To": "bob@example.net", "Subject": "Undeliverable mail"}
    values |= {name.rstrip("_").replace("_", "-").title(): value for name, value in fields.items()}
    values |= headers or {}
    lines = [f"{name}: {_word(value)}" for name, value in values.items() if value]
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    return ("\n".join(lines) + "\n\n" + text).encode()


def _word(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8").encode()


def example(row: dict[str, Any]) -> message.Message:
    """Return a row's example as a mail."""
    fields: dict[str, str] = {}
    if "example_from" in row:
        fields["from_"] = row["example_from"]
    if "example_subject" in row:
        fields["subject"] = row["example_subject"]
    return mail(row["example"], headers=row.get("example_header"), **fields)

"""Handing a notice over: to a sendmail program, to an SMTP server, to a webhook.

Nothing here stops a run: what went wrong is returned, one line each, and logged.  Every wait has an end.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dsnparse.notices.notice import compose, neutral, payload, worth_telling

if TYPE_CHECKING:
    import smtplib
    from collections.abc import Iterator
    from email.message import EmailMessage

    from dsnparse.notices.notice import Notice
    from dsnparse.notices.settings import NotifySettings, Way

__all__ = ["check", "send"]

_LOG: Final = logging.getLogger("dsnparse")
_SHOWN: Final = 3  # refusals that are repeated
_WAIT: Final = 30.0  # seconds for one step of the other side
_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}  # no secret of ours goes to the program


def send(notice: Notice, settings: NotifySettings) -> list[str]:
    """Tell the owner, if there is anything to tell; return what went wrong, which is logged as a warning too.

    A run that is not live tells nobody: it changes nothing.
    """
    if not notice.live or not (settings.always or worth_telling(notice)):
        return []
    problems = [*_mail(notice, settings), *_webhook(notice, settings)]
    for problem in problems:
        _LOG.warning("%s", problem)
    return problems


def check(settings: NotifySettings) -> list[str]:
    """Return what stands in the way of a mail; nothing is sent, and a webhook is not called."""
    if not settings.mail_to:
        return []
    way = settings.way
    if way.sendmail is not None:
        return [] if os.access(way.sendmail, os.X_OK) else [f"{way.sendmail}: is no program that can be started"]
    return _by_smtp(None, settings)


def _mail(notice: Notice, settings: NotifySettings) -> list[str]:
    if not settings.mail_to:
        return []
    message = compose(notice, settings)
    sendmail = settings.way.sendmail
    return _by_smtp(message, settings) if sendmail is None else _by_sendmail(message, settings, sendmail)


def _by_sendmail(message: EmailMessage, settings: NotifySettings, program: str) -> list[str]:
    import subprocess  # noqa: PLC0415 - most runs start no program

    # -i: a line with a single dot ends nothing; "<>" is the empty sender for Postfix, Exim and Sendmail alike.
    command = [program, "-i", "-f", "<>", "--", *settings.mail_to]
    raw = message.as_bytes(policy=message.policy.clone(linesep="\n"))
    try:
        ended = subprocess.run(command, input=raw, capture_output=True, timeout=_WAIT, check=False, env=_ENVIRONMENT)  # noqa: S603 - a list, no shell; every word is from the owner's settings
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [f"the notice was not mailed: {program}: {_words(error)}"]
    if ended.returncode == 0:
        return []
    said = neutral(ended.stderr[:1000].decode("utf-8", "replace").strip())
    return [f"the notice was not mailed: {program}: exit code {ended.returncode}{f': {said}' if said else ''}"]


def _by_smtp(message: EmailMessage | None, settings: NotifySettings) -> list[str]:
    """Send by SMTP; without a message only see whether the server takes the sender and the recipients."""
    import smtplib  # noqa: PLC0415 - loads sockets and TLS

    way = settings.way
    place = f"{way.host} port {way.port}"
    try:
        with _connection(way, settings.mail_from.rpartition("@")[2]) as server:
            if message is None:
                server.noop()
                return []
            refused = server.send_message(message, from_addr="", to_addrs=list(settings.mail_to))
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return [f"{'the notice was not mailed: ' if message else ''}{place}: {_words(error)}"]
    return [f"the notice was not mailed to {address}: {place}: {_reply(reply)}" for address, reply in refused.items()]


def _webhook(notice: Notice, settings: NotifySettings) -> list[str]:
    """Post the notice, signed as the webhook that is told of decisions; sent once, and no redirect is followed."""
    hook = settings.webhook
    if hook is None:
        return []
    import json  # noqa: PLC0415 - loaded only for those who have a webhook
    import time  # noqa: PLC0415 - likewise

    from dsnparse.adapters.base import Outcome  # noqa: PLC0415 - likewise
    from dsnparse.adapters.http import answer_of, call, outcome_of  # noqa: PLC0415 - likewise
    from dsnparse.adapters.webhook import signature  # noqa: PLC0415 - likewise

    data = payload(notice, settings.rows)
    body = json.dumps(data).encode()
    signed = signature(hook.secret, int(time.time()), body)
    reply = call(hook.site, "POST", body=body, headers={"Idempotency-Key": data["id"], "Dsnparse-Signature": signed})
    if outcome_of(reply.status) is Outcome.DONE:
        return []
    return [f"the notice was not posted: {answer_of(hook.site, reply).detail}"]


@contextmanager
def _connection(way: Way, name: str) -> Iterator[smtplib.SMTP]:
    """Open a connection that is closed politely, or at once after an error; certificates are verified."""
    import smtplib  # noqa: PLC0415 - loads sockets and TLS
    import ssl  # noqa: PLC0415 - likewise

    if way.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            way.host, way.port, local_hostname=name, timeout=_WAIT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(way.host, way.port, local_hostname=name, timeout=_WAIT)
    with server:
        if way.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        yield server


def _words(error: Exception) -> str:
    """Return what an error says, as one bounded line."""
    refused = getattr(error, "recipients", None)  # smtplib.SMTPRecipientsRefused: every recipient with the reply
    if isinstance(refused, dict):
        return "; ".join(f"{neutral(address)}: {_reply(reply)}" for address, reply in list(refused.items())[:_SHOWN])
    code, text = getattr(error, "smtp_code", None), getattr(error, "smtp_error", None)
    if code is not None:
        return _reply((code, text if isinstance(text, bytes) else str(text).encode()))
    return neutral(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _reply(reply: tuple[int, bytes]) -> str:
    return neutral(f"{reply[0]} {reply[1][:1000].decode('utf-8', 'replace')}".replace("\n", " "))

"""What the owner of the lists is told of a run: by mail, by webhook, or not at all."""

from __future__ import annotations

from dsnparse.notices.notice import Notice, compose, worth_telling
from dsnparse.notices.sending import check, send
from dsnparse.notices.settings import NotifySettings, Way, Webhook, is_bounce_address

__all__ = [
    "Notice",
    "NotifySettings",
    "Way",
    "Webhook",
    "check",
    "compose",
    "is_bounce_address",
    "send",
    "worth_telling",
]

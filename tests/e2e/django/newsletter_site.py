"""A Django site with django-newsletter, written into a folder; and what runs inside of it.

`python newsletter_site.py FOLDER CONFIG` is run by the Python that .ci/servers/django.sh installs, and prints JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SETTINGS = """
from pathlib import Path
HERE = Path(__file__).parent
SECRET_KEY = "of a site that lives as long as a test"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "site.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sites",
    "sorl.thumbnail", "newsletter", "anymail", "bounces",
]
SITE_ID = 1
USE_TZ = True
NEWSLETTER_THUMBNAIL = "sorl-thumbnail"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = HERE / "sent"
"""
APP = """
from django.apps import AppConfig


class Bounces(AppConfig):
    name = "bounces"

    def ready(self):
        from bounces import receivers
"""


def write(folder: Path, receivers: str, command: str) -> None:
    """Write the site, with the two modules that a page of the documentation shows."""
    commands = folder / "bounces" / "management" / "commands"
    commands.mkdir(parents=True)
    (folder / "site_settings.py").write_text(SETTINGS)
    for path in (folder / "bounces", commands.parent, commands):
        (path / "__init__.py").touch()
    (folder / "bounces" / "apps.py").write_text(APP)
    (folder / "bounces" / "receivers.py").write_text(receivers)
    (commands / "bounces.py").write_text(command)


def main(folder: str, config: str) -> None:
    """Make subscribers, tell the site of dead ones by the adapter, then of one by the command."""
    from dsnparse.adapters import make  # noqa: PLC0415 - of the other environment
    from dsnparse.model import BounceType, Decision, Event, Reason, Wanted  # noqa: PLC0415 - likewise
    from dsnparse.settings import Table  # noqa: PLC0415 - likewise

    adapter = make(Table({"type": "django", "settings_module": "site_settings", "folder": folder}))
    told: dict[str, Any] = {"before": adapter.check().outcome}  # sets the site up

    from datetime import UTC, datetime  # noqa: PLC0415 - likewise

    from django.contrib.auth.models import User  # noqa: PLC0415 - once the site is set up
    from django.core.management import call_command  # noqa: PLC0415 - likewise
    from newsletter.models import Newsletter, Subscription  # noqa: PLC0415 - likewise

    def failing(**_: object) -> None:
        raise LookupError

    def event(address: str, **keys: object) -> Decision:
        at = datetime(2026, 1, 2, tzinfo=UTC)
        failure = Event(address=address, original="x@example.org", at=at, bounce_type=BounceType.HARD, **keys)  # type: ignore[arg-type]
        return Decision(address=address, wanted=Wanted.REMOVE, why="dead", event=failure)

    def subscribed() -> list[str]:
        return sorted(one.email for one in Subscription.objects.filter(subscribed=True))

    call_command("migrate", verbosity=0)
    news = Newsletter.objects.create(title="News", slug="news", email="news@example.org", sender="News")
    for name in ("alice", "bob", "carol", "dora"):
        Subscription.objects.create(newsletter=news, email_field=f"{name}@example.org", subscribed=True)
    user = User.objects.create(username="eva", email="Eva@example.org")
    Subscription.objects.create(newsletter=news, user=user, subscribed=True)

    dead = [
        event("alice@example.org", reason=Reason.USER_UNKNOWN),
        event("eva@example.org", feedback_type="abuse"),
        event("stranger@example.net", reason=Reason.USER_UNKNOWN),
    ]
    told["outcomes"] = [answer.outcome for answer in adapter.apply(dead)]
    told["left"] = subscribed()

    from anymail.signals import tracking  # noqa: PLC0415 - likewise

    tracking.connect(failing)
    (answer,) = adapter.apply([event("bob@example.org", reason=Reason.USER_UNKNOWN)])
    told["failing"] = [answer.outcome, answer.detail, subscribed()]
    tracking.disconnect(failing)

    call_command("bounces", config)
    told["after_command"] = subscribed()
    told["sent"] = len(list(Path(folder, "sent").glob("*")))
    print(json.dumps(told))  # noqa: T201 - for the test


if __name__ == "__main__":
    main(*sys.argv[1:])

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from dsnparse.adapters import Answer, Outcome, make
from dsnparse.adapters.django import DjangoSite
from dsnparse.errors import ConfigError
from dsnparse.model import Reason, Wanted
from dsnparse.settings import Table
from tests.adapters.stand_ins.django import Site
from tests.contracts.adapter import ALICE, AdapterContract, Fault, decision, removal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dsnparse.adapters import Adapter


class TestContract(AdapterContract):
    """The contract."""

    stranger = Outcome.DONE  # a signal has no answer
    repeat = Outcome.DONE  # likewise
    disables = False  # for a time only
    restores = False
    without: ClassVar = {
        Fault.WRONG_SECRET: "a signal within one process has no secret",
        Fault.TIMEOUT: "receivers run in this process: they cannot be left behind",
        Fault.GARBAGE: "a signal has no answer",
    }

    @pytest.fixture
    def adapter(self, monkeypatch: pytest.MonkeyPatch) -> Adapter:
        self.site = Site(monkeypatch)
        return DjangoSite("mysite.settings")

    def removed(self, adapter: Adapter) -> set[str]:
        del adapter
        return self.site.gone

    def fail(self, adapter: Adapter, fault: Fault) -> None:
        del adapter
        adapter_is_set_up = DjangoSite("mysite.settings").check().outcome is Outcome.DONE
        assert adapter_is_set_up
        if fault is Fault.DIES:
            self.site.dies = True
        else:
            self.site.error = OSError if fault is Fault.AWAY else ValueError

    def mend(self, adapter: Adapter) -> None:
        del adapter
        self.site.error = None
        self.site.dies = False

    def reached(self, adapter: Adapter) -> Sequence[object]:
        del adapter
        return self.site.events


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(monkeypatch)


def told(wanted: Wanted = Wanted.REMOVE, address: str = ALICE) -> Answer:
    (answer,) = DjangoSite("mysite.settings").apply([decision(wanted, address)])
    return answer


def test_an_event_as_anymail_gives_it(site: Site) -> None:
    once = removal(ALICE)
    DjangoSite("mysite.settings").apply([once])
    (event,) = site.events
    assert (event.event_type, event.recipient, event.reject_reason) == ("bounced", ALICE, "bounced")
    assert (event.event_id, event.message_id, event.timestamp) == (once.id, "news-1@example.org", once.event.at)
    assert event.mta_response == "550 5.1.1 no such user"
    assert event.metadata == {"wanted": "remove", "status": "5.1.1", "reason": "user_unknown"}
    assert event.esp_event["id"] == once.id


@pytest.mark.parametrize(
    ("reason", "feedback_type", "expected"),
    [
        (Reason.USER_UNKNOWN, None, ("bounced", "bounced")),
        (Reason.DOMAIN_NO_MAIL, None, ("bounced", "bounced")),
        (Reason.EXPIRED, None, ("bounced", "timed_out")),
        (Reason.POLICY_REFUSED, None, ("bounced", "blocked")),
        (Reason.MAILBOX_FULL, None, ("bounced", "other")),
        (None, None, ("bounced", "other")),
        (None, "abuse", ("complained", "spam")),
    ],
)
def test_reasons(site: Site, reason: Reason | None, feedback_type: str | None, expected: tuple[str, str]) -> None:
    once = removal(ALICE)
    once = replace(once, event=replace(once.event, reason=reason, feedback_type=feedback_type))
    DjangoSite("mysite.settings").apply([once])
    assert (site.events[0].event_type, site.events[0].reject_reason) == expected


def test_a_disable_without_end_is_told_and_one_with_an_end_is_not(site: Site) -> None:
    forever = replace(decision(Wanted.DISABLE, ALICE), until=None)
    answers = DjangoSite("mysite.settings").apply([forever, decision(Wanted.DISABLE, "bob@example.org")])
    assert [answer.outcome for answer in answers] == [Outcome.DONE, Outcome.BAD_REQUEST]
    assert site.gone == {ALICE}


def test_nobody_listens(site: Site) -> None:
    site.tracking.receivers.clear()
    assert told().outcome is Outcome.REFUSED
    assert DjangoSite("mysite.settings").check().outcome is Outcome.REFUSED


def test_receivers_act_together_or_not_at_all(site: Site) -> None:
    def second(**_: object) -> None:
        error = LookupError("a secret in an error")
        raise error

    site.tracking.receivers.append(second)
    assert told() == Answer(outcome=Outcome.RETRY, detail="a receiver of the site failed: LookupError")
    assert site.gone == set()


def test_a_site_that_cannot_be_set_up_is_refused(site: Site) -> None:
    site.error = ImportError
    assert told() == Answer(outcome=Outcome.REFUSED, detail="mysite.settings cannot be set up: ImportError")
    assert DjangoSite("mysite.settings").check().outcome is Outcome.REFUSED


def test_the_site_is_set_up_once_and_only_when_it_is_needed(site: Site) -> None:
    adapter = make(Table({"type": "django", "settings_module": "mysite.settings"}))
    adapter.apply([decision(Wanted.RESTORE, ALICE)])
    assert site.setups == 0
    for _ in range(3):
        adapter.apply([removal(ALICE)])
    assert site.setups == 1


def test_without_django_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "django", None)
    assert told().outcome is Outcome.REFUSED
    assert "dsnparse[django]" in DjangoSite("mysite.settings").check().detail


def test_settings(tmp_path: Path) -> None:
    values = {"type": "django", "settings_module": "mysite.settings", "folder": "site"}
    assert make(Table(values, "adapter[0]", tmp_path)).name == "django:mysite.settings"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "settings_module"),
        ({"settings_module": "mysite/settings.py"}, "settings_module"),
        ({"settings_module": "mysite.settings", "project": "x"}, "project"),
    ],
)
def test_bad_settings_name_the_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=rf"^adapter\[0\]\.{key}: "):
        make(Table({"type": "django", **values}, "adapter[0]"))

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsnparse.errors import ConfigError
from dsnparse.notices import NotifySettings, Way, is_bounce_address
from dsnparse.settings import Table

if TYPE_CHECKING:
    from pathlib import Path

RETURN_PATHS = ("{list}-errors+{token}@lists.example.org", "r-{token}@returns.example.org")
MAIL = {"mail_to": ["owner@example.org"], "mail_from": "dsnparse@example.org"}


def taken(**values: object) -> NotifySettings:
    return NotifySettings.from_table(Table(values, "notify"), RETURN_PATHS)


def test_by_default_nobody_is_told() -> None:
    assert taken() == NotifySettings()
    assert (NotifySettings().mail_to, NotifySettings().webhook) == ((), None)


def test_every_key_is_taken(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret of 26 characters.")
    url = "https://hooks.example.org/n"
    settings = taken(
        **MAIL,
        how="smtp",
        smtp_host="mail.example.org",
        smtp_port=587,
        smtp_tls="starttls",
        always=True,
        rows=3,
        webhook={"url": url, "secret_file": str(tmp_path / "secret"), "timeout": "3s"},
    )
    assert settings.way == Way(sendmail=None, host="mail.example.org", port=587, tls="starttls")
    assert (settings.always, settings.rows) == (True, 3)
    assert settings.webhook is not None
    assert (settings.webhook.site.url, settings.webhook.site.timeout) == (url, 3.0)
    assert settings.webhook.secret == "a secret of 26 characters."  # noqa: S105 - of the test
    assert "26 characters" not in repr(settings)
    assert taken(**MAIL, sendmail="/opt/sendmail").way.sendmail == "/opt/sendmail"


@pytest.mark.parametrize(
    "address",
    [
        *("news-bounces@lists.example.org", "news-bounces+alice=example.net@lists.example.org", "bounces@example.org"),
        *("bounce@example.org", "bounce+xyz@example.org", "news+bounces-17@example.org", "News-Bounces@example.org"),
        *("news-return-17-alice=example.net@example.org", "news-owner+17@example.org", "a+b=example.net@example.org"),
        *("mailer-daemon@example.org", "MAILER-DAEMON@example.org", "mailer-daemon@lists.example.org"),
        *("news-errors+abcdefghijklmnop@lists.example.org", "news-errors@lists.example.org"),
        *("r-abcdefghijklmnop@returns.example.org", "R-@returns.example.org", "r@returns.example.org"),
    ],
)
def test_no_notice_goes_to_an_address_that_bounces_come_to(address: str) -> None:
    assert is_bounce_address(address, RETURN_PATHS)
    for key in ("mail_to", "mail_from"):
        values = {**MAIL, key: [address] if key == "mail_to" else address}
        with pytest.raises(ConfigError, match=rf"^notify\.{key}: .* that bounces come to"):
            taken(**values)


@pytest.mark.parametrize(
    "address",
    [
        *("owner@example.org", "news-owner@lists.example.org", "postmaster@example.org", "anna.bouncer@example.org"),
        *("trebounces@example.org", "owner+dsnparse@example.org", "news-errors@example.net", "r.w@returns.example.org"),
        "owner@lists.example.org",
    ],
)
def test_addresses_of_people_are_taken(address: str) -> None:
    assert not is_bounce_address(address, RETURN_PATHS)
    assert taken(**{**MAIL, "mail_to": [address]}).mail_to == (address,)


def test_a_form_that_begins_with_the_list_does_not_forbid_its_whole_domain() -> None:
    paths = ("{list}+{token}@lists.example.org",)
    assert not is_bounce_address("owner@lists.example.org", paths)
    assert is_bounce_address("news+abcdefghijklmnop@lists.example.org", paths)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"mail_to": ["owner@example.org"]}, r"notify\.mail_from: is missing"),
        ({**MAIL, "mail_to": ["Owner <owner@example.org>"]}, r"notify\.mail_to: 'Owner <owner@example\.org>' is no"),
        ({**MAIL, "mail_to": ["o@example.org\nBcc: a@example.net"]}, r"notify\.mail_to: .* is no plain address"),
        ({**MAIL, "mail_to": ["-oQ@example.org"]}, r"notify\.mail_to: .* is no plain address"),
        ({**MAIL, "mail_to": ["ö@example.org"]}, r"notify\.mail_to: .*xn--"),
        ({**MAIL, "mail_to": "owner@example.org"}, r"notify\.mail_to: must be a list of strings"),
        ({**MAIL, "how": "pigeon"}, r"notify\.how: 'pigeon' is none of sendmail, smtp"),
        ({**MAIL, "smtp_port": 0}, r"notify\.smtp_port: must be at least 1"),
        ({**MAIL, "smtp_port": 65_536}, r"notify\.smtp_port: must be at most 65535"),
        ({**MAIL, "smtp_host": "a host"}, r"notify\.smtp_host: must be the name or address of a host"),
        ({**MAIL, "smtp_tls": "maybe"}, r"notify\.smtp_tls: 'maybe' is none of no, starttls, tls"),
        ({**MAIL, "mail_cc": []}, r"notify\.mail_cc: is no setting"),
        ({"webhook": "https://x.example.org"}, r"notify\.webhook: must be a table"),
        ({"webhook": {"url": "ftp://x.example.org"}}, r"notify\.webhook\.url: must begin with https"),
        ({"webhook": {"url": "https://a:b@x.example.org"}}, r"notify\.webhook\.url: must not hold a user"),
        ({"webhook": {"url": "https://x.example.org"}}, r"notify\.webhook\.secret_file: or secret_env must name"),
        ({"webhook": {"url": "https://x.example.org", "secret_env": "SHORT"}}, r"notify\.webhook\.secret_file: or"),
        ({"webhook": {"url": "https://x.example.org", "secret_env": "LONG", "to": 1}}, r"notify\.webhook\.to: is no"),
    ],
)
def test_a_bad_value_is_named(values: dict[str, object], problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT", "hunter2")
    monkeypatch.setenv("LONG", "hunter2 hunter2 hunter2")
    with pytest.raises(ConfigError, match=f"^{problem}") as caught:
        taken(**values)
    assert "hunter2" not in str(caught.value)

from __future__ import annotations

import pytest

from dsnparse.adapters import checked


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("alice@example.org", "alice@example.org"),
        ("Alice.B+news@Example.ORG", "Alice.B+news@example.org"),
        ("o'hara@example.org", "o'hara@example.org"),
        ("jörg@bücher.example", "jörg@bücher.example"),
        ("1@xn--bcher-kva.example", "1@xn--bcher-kva.example"),
        ("_a@a-b.example.org", "_a@a-b.example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_addresses_that_may_be_handed_over(address: str, same: str) -> None:
    assert checked(address) == same


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "alice",
        "@example.org",
        "alice@",
        "alice@localhost",
        "alice@192.0.2.1",
        "alice@[192.0.2.1]",
        "alice@example..org",
        "alice@.example.org",
        "alice@example.org.",
        "alice@-example.org",
        "alice@example-.org",
        "alice@exa mple.org",
        "alice@example.org\n",
        "alice\n@example.org",
        "alice@example.org\nbob@example.org",
        "alice@example.org, bob@example.org",
        "alice@bob@example.org",
        "<alice@example.org>",
        '"alice smith"@example.org',
        '"alice"@example.org',
        "-a@example.org",
        "=cmd@example.org",
        "+1@example.org",
        "#note@example.org",
        "|sh@example.org",
        ".alice@example.org",
        "alice.@example.org",
        "al..ice@example.org",
        "al\x00ice@example.org",
        "al\u202eice@example.org",
        "al\udcffice@example.org",
        "alice;rm@example.org",
        "alice`id`@exam`ple.org",
        "a" * 65 + "@example.org",
        "ö" * 33 + "@example.org",
        "a@" + "a" * 64 + ".org",
        "a@" + "a." * 128 + "org",
    ],
)
def test_addresses_that_are_left_to_a_person(address: str | None) -> None:
    assert checked(address) is None

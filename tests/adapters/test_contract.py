"""The contract itself: what it would not see, no adapter would be told of."""

from __future__ import annotations

import base64

import pytest

from tests.contracts.adapter import holds


@pytest.mark.parametrize("user", ["", "u", "us", "use"])
def test_a_secret_is_seen_in_basic_authentication(user: str) -> None:
    header = base64.b64encode(f"{user}:a secret:".encode()).decode()
    assert holds(f"Authorization: Basic {header}", "a secret")
    assert not holds(f"Authorization: Basic {header}", "another one")

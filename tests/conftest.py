"""What all tests share: where the fixtures lie, and the labelled corpus where there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of labelled mails that DSNPARSE_CORPUS names; tests that need it are skipped without it."""
    named = os.environ.get("DSNPARSE_CORPUS")
    if not named:
        pytest.skip("DSNPARSE_CORPUS is not set: no labelled corpus here")
    return Path(named)

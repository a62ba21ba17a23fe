"""What all tests share: where the fixtures lie, and the labelled corpus where there is one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"

# Whoever starts the tests in the background, or by nohup, has these ignored, and so would each command that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of labelled mails that DSNPARSE_CORPUS names; tests that need it are skipped without it."""
    named = os.environ.get("DSNPARSE_CORPUS")
    if not named:
        pytest.skip("DSNPARSE_CORPUS is not set: no labelled corpus here")
    return Path(named)

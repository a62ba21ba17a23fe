from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.django import newsletter_site
from tests.e2e.servers import SERVERS, needed
from tests.pipeline.mails import FULL, bounce, maildir

pytestmark = pytest.mark.e2e
PAGE = Path(__file__).parents[3] / "docs" / "adapters.md"
PYTHON = SERVERS / "django" / "venv" / "bin" / "python"
CONFIG = """
[ledger]
path = "ledger.sqlite3"

[source]
paths = ["maildir"]

[policy]
settle = "0s"

[[adapter]]
type = "django"
settings_module = "site_settings"
"""


def test_dead_addresses_are_unsubscribed_from_a_newsletter_and_nobody_else(tmp_path: Path) -> None:
    needed("django", PYTHON)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (receivers,) = (block for block in blocks if "@receiver(tracking)" in block)
    (command,) = (block for block in blocks if "BaseCommand" in block)
    newsletter_site.write(tmp_path, receivers, command)
    (tmp_path / "dsnparse.toml").write_text(CONFIG)
    maildir(tmp_path / "maildir", {"1": bounce("carol@example.org"), "2": bounce("bob@example.org", FULL)})
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [PYTHON, newsletter_site.__file__, tmp_path, tmp_path / "dsnparse.toml"],
        capture_output=True,
        check=False,
        timeout=120,
        cwd="/",
        env=environment,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["before"] == "done"
    assert told["outcomes"] == ["done", "done", "done"]
    assert told["left"] == ["bob@example.org", "carol@example.org", "dora@example.org"]
    assert told["failing"] == ["retry", "a receiver of the site failed: LookupError", told["left"]]
    assert told["after_command"] == ["bob@example.org", "dora@example.org"]
    assert told["sent"] == 0

"""The documents say what is so."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LINK = re.compile(r"\]\(([^)#:]+)\)")


def test_every_defect_that_the_code_records_is_documented_and_no_other() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "dsnparse").rglob("*.py"))
    recorded: set[str] = set()
    for call in re.findall(r"Defect\(\s*code=([^,)]*)", source):
        recorded |= set(re.findall(r'"([a-z_]+)"', call))
    table = re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "docs" / "defects.md").read_text("utf-8"), re.MULTILINE)
    assert table == sorted(recorded)


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in LINK.findall(page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"

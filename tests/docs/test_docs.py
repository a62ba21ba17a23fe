"""The documents say what is so."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from dsnparse.text.limits import REACHED

ROOT = Path(__file__).parent.parent.parent
LINK = re.compile(r"\]\(([^)#:]+)\)")


def test_every_defect_that_the_code_records_is_documented_and_no_other() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "dsnparse").rglob("*.py"))
    recorded: set[str] = set()
    for call in re.findall(r"Defect\(\s*code=([^,)]*)", source):
        recorded |= set(re.findall(r'"([a-z_]+)"', call))
    recorded |= set(re.findall(r'\.reached\(\s*"([a-z_]+)"', source))
    assert recorded >= REACHED
    table = re.findall(r"^\| `([a-z_]+)`(?: \*)? \|", (ROOT / "docs" / "defects.md").read_text("utf-8"), re.MULTILINE)
    assert table == sorted(recorded)


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for target in LINK.findall(page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def test_the_readmes_session_is_what_the_command_prints() -> None:
    command = [sys.executable, "-m", "dsnparse", "run", "fixtures/maildir", "--ledger", "none-there"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    lines = {" ".join(line.split()) for line in printed.splitlines()}
    session = readme().partition("$ dsnparse run fixtures/maildir\n")[2].partition("\nLines left out")[0]
    shown = [" ".join(line.split()) for line in session.splitlines() if line.strip() not in {"", "…"}]
    assert len(shown) > 15
    for line in shown:
        start, cut, end = line.partition("…")
        if not start.startswith("Nothing was changed."):  # these repeat the command as it was typed
            assert any(one.startswith(start) and one.endswith(end) and (cut or one == line) for one in lines), line


def test_the_readmes_python_runs() -> None:
    snippet = readme().partition("## From Python\n")[2].partition("`parse` is pure")[0]
    mail = "import pathlib\nraw = pathlib.Path('fixtures/postfix/user-unknown.eml').read_bytes()\n"
    code = mail + "\n".join(line[4:] for line in snippet.splitlines())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("nobody@example.net is dead: user_unknown 5.1.1 ")


def test_a_second_run_for_good_changes_nothing(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fixtures" / "maildir", tmp_path / "bounces")
    settings = ["--ledger", "l", "--suppress", "dead.txt"]
    command = [sys.executable, "-m", "dsnparse", "run", "--live", "--no-settle", *settings, "bounces"]
    first = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    dead = (tmp_path / "dead.txt").read_bytes()
    second = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (first.returncode, second.returncode) == (1, 0)  # 1: something new needs a person
    assert dead.startswith(b"nobody@example.net\nplain@example.net\n")
    assert (tmp_path / "dead.txt").read_bytes() == dead
    assert re.search(r"^disabled +16$", first.stdout, re.MULTILINE)
    assert not re.search(r"^disabled ", second.stdout, re.MULTILINE)


def test_the_readmes_list_software_is_that_of_its_page_which_a_test_runs() -> None:
    first = "    import sqlite3, dsnparse\n"
    last = '"held for a person")\n'
    blocks = [first + text.partition(first)[2].partition(last)[0] for text in (readme(), library())]
    assert blocks[0] == blocks[1]
    assert len([line for line in blocks[0].splitlines() if line.strip()]) <= 15


def library() -> str:
    return (ROOT / "docs" / "library.md").read_text("utf-8")

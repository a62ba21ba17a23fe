from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped] # it bears no types of its own
import pytest

from dsnparse.cli.group import start
from dsnparse.model import Reason
from dsnparse.status import vocabularies
from tests.cli.test_rows import SCHEMA
from tests.e2e.command import dsnparse_command, environment
from tests.pipeline.mails import FULL, LETTER, bounce

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

KEYS = (
    "status reported_status reply_status reply_code diagnostic_type diagnostic remote_mta stage will_retry_until "
    "bounce_type reason about permanent confidence rule evidence retry address_advice extra text"
)
RULES = '[[rule]]\nid = "mine"\nreason = "mailbox_full"\nany = ["user unknown"]\n'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return a function that runs `dsnparse explain` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def ran(*args: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = start(["explain", *args])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ran


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_words_are_taken_together(run: Run) -> None:
    assert run("452", "4.2.2", "mailbox", "full") == run("452 4.2.2 mailbox full")


def test_a_reply_in_a_pipe_is_plain_text(run: Run) -> None:
    code, out, err = run("550 5.1.1 <alice@example.org>: User unknown")
    assert (code, err) == (0, "")
    assert out.startswith(
        "550 5.1.1 <alice@example.org>: User unknown\n"
        "  What it means      The mail server of that domain says that it has no mailbox\n"
        "                     with this name.\n"
    )
    assert "  Address dead?      Yes. Drop it.\n" in out
    assert "  Filed as           user_unknown, a hard bounce\n" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_labels_stand_in_order(run: Run) -> None:
    _, out, _ = run("5.4.1")
    labels = [line[2:21].strip() for line in out.splitlines()[1:] if line[2:21].strip()]
    assert labels == [
        *("What it means", "Whose fault", "Address dead?", "You should", "Their side should", "Send it again?"),
        *("Codes", "Beware", "Said by rule", "Filed as"),
    ]


def test_control_characters_are_shown_and_not_sent(run: Run) -> None:
    _, out, _ = run("550 \x1b]0;owned\x07 \u202e user unknown")
    assert out.startswith("550 \\x1b]0;owned\\x07 \\u202e user unknown\n")
    assert "\x1b" not in out


def test_a_long_text_is_cut_in_the_heading_only(run: Run) -> None:
    _, out, _ = run("550 5.1.1 User unknown " + "word " * 1000)
    assert "...\n" in out
    assert len(out) < 3000


def test_a_file_that_exists_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "550").write_bytes(bounce("alice@example.org"))
    code, out, _ = run("550")
    assert code == 0
    assert out.startswith("550\nA bounce: a mail server says that it could not deliver a message.\n  Subject  ")
    assert "\nalice@example.org: 550 5.1.1 User unknown\n" in out


def test_a_mail_on_standard_input_is_told_from_a_reply(run: Run) -> None:
    _, mail, _ = run("-", stdin=bounce("alice@example.org", FULL))
    _, reply, _ = run("-", stdin=b"452 4.2.2 Mailbox full\n")
    assert mail.startswith("-\nA bounce:")
    assert reply.startswith("452 4.2.2 Mailbox full\n  What it means ")
    assert "mailbox_full, a soft bounce" in mail
    assert "mailbox_full, a soft bounce" in reply


def test_an_ordinary_mail_has_nothing_to_explain(run: Run) -> None:
    assert "An ordinary mail: nothing in it reports a failed delivery." in run("-", stdin=LETTER)[1]


def test_json_has_a_recipients_keys_from_status_on_and_the_text(run: Run) -> None:
    _, out, err = run("--json", "550 5.1.1 User unknown")
    (row,) = objects(out)
    assert " ".join(row) == KEYS
    assert (row["status"], row["bounce_type"], row["text"]) == ("5.1.1", "hard", "550 5.1.1 User unknown")
    assert err == ""


def test_json_fits_the_schema_of_a_recipient(run: Run) -> None:
    recipient = SCHEMA["properties"]["recipients"]["items"]
    names = {"address": None, "original_address": None, "action": None}
    for text in ("5.7.1", "hello", "450 4.7.1 Greylisted", "550 5.1.1 User unknown"):
        (row,) = objects(run("--json", "--vocabulary", "ses", text)[1])
        row.pop("text")
        jsonschema.Draft202012Validator(recipient).validate(names | row)


def test_json_of_a_mail_has_an_object_for_each_recipient_with_its_address(run: Run) -> None:
    two = bounce("alice@example.org").replace(
        b"\n--b\nContent-Type: text/rfc822-headers",
        b"\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 4.2.2\n"
        b"\n--b\nContent-Type: text/rfc822-headers",
    )
    code, out, err = run("--json", "-", stdin=two)
    rows = objects(out)
    assert [(row["address"], row["reason"]) for row in rows] == [
        ("alice@example.org", "user_unknown"),
        ("bob@example.org", "mailbox_full"),
    ]
    assert " ".join(rows[0]) == f"address original_address action {KEYS}"
    assert (code, err) == (0, "")


def test_json_of_a_mail_without_recipients_says_so_on_stderr(run: Run) -> None:
    assert run("--json", "-", stdin=LETTER) == (
        0,
        "",
        "dsnparse: -: An ordinary mail: nothing in it reports a failed delivery.\n",
    )


def test_every_line_gets_one_object_empty_ones_too(run: Run) -> None:
    lines = b"550 5.1.1 User unknown\r\n\n\xff\xfe\x00\nFrom: a\nlast without end"
    _, out, _ = run("--json", "--lines", "-", stdin=lines)
    rows = objects(out)
    assert [row["text"] for row in rows] == [
        "550 5.1.1 User unknown",
        "",
        "\xff\xfe\x00",
        "From: a",
        "last without end",
    ]
    assert [row["reason"] for row in rows] == ["user_unknown", None, None, None, None]
    assert all(" ".join(row) == KEYS for row in rows)


def test_no_lines_no_objects(run: Run) -> None:
    assert run("--json", "--lines", "-") == (0, "", "")


def test_lines_without_json_are_one_short_line_each(run: Run, tmp_path: Path) -> None:
    (tmp_path / "replies").write_bytes(b"550 5.1.1 User unknown\n\n221 Bye\n452 4.2.2\n")
    assert run("--lines", "replies")[1].splitlines() == [
        "hard   user_unknown           There is no mailbox with this name at that domain.",
        "-      -                      No code and no words that are known.",
        "-      -                      The server agrees: this is no failure.",
        "soft   mailbox_full           The mailbox is over its quota; its owner can make room.",
    ]


def test_lines_are_answered_as_they_come(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "dsnparse", "explain", "--lines", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(tmp_path),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"550 5.1.1 User unknown\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"hard   user_unknown")
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path) -> None:
    command = f"yes 550 5.1.1 | {sys.executable} -m dsnparse explain --lines - | head -n 1; echo ${{PIPESTATUS[1]}}"
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607 - a shell, wherever it lies
        env=environment(tmp_path),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[1:] == [b"0"]
    assert done.stderr == b""


def test_on_a_terminal_labels_are_bold_and_no_color_is_kept(tmp_path: Path) -> None:
    shown = []
    for extra in ({}, {"NO_COLOR": "1"}):
        controller, terminal = pty.openpty()
        subprocess.run(
            [sys.executable, "-m", "dsnparse", "explain", "5.1.1"],
            stdout=terminal,
            env=environment(tmp_path) | extra,
            check=True,
            timeout=60,
        )
        os.close(terminal)
        shown.append(os.read(controller, 65_536))
        os.close(controller)
    assert b"\x1b[1mAddress dead?\x1b[0m" in shown[0]
    assert b"\x1b" not in shown[1]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "nothing to explain"),
        (("",), "nothing to explain"),
        (("-",), "standard input: is empty"),
        (("missing.eml",), "missing.eml: no such file"),
        (("./missing",), "./missing: no such file"),
        (("--lines", "missing.txt"), "missing.txt: no such file"),
        (("--vocabulary", "nonesuch", "550"), "known are sisimai, kumomta"),
        (("--rules", "missing.toml", "550"), "missing.toml: No such file"),
        (("--list", "codes", "550"), "--list takes no text"),
        (("--list", "nonesuch"), "is not one of 'codes', 'reasons'"),
        (("folder",), "folder: is a folder; `dsnparse parse` reads folders"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_exit_2(
    run: Run, tmp_path: Path, args: tuple[str, ...], words: str
) -> None:
    (tmp_path / "folder").mkdir()
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_own_rules_come_first_and_their_file_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(RULES)
    _, out, _ = run("--rules", "my.toml", "550 5.1.1 User unknown")
    assert 'mine (my.toml), by the words "user unknown".' in out
    (row,) = objects(run("--json", "--rules", "my.toml", "-", stdin=bounce("alice@example.org"))[1])
    assert (row["rule"], row["bounce_type"]) == ("mine", "soft")
    (row,) = objects(run("--json", "--lines", "--rules", "my.toml", "-", stdin=b"550 user unknown")[1])
    assert row["rule"] == "mine"


def test_other_systems_names_are_there_only_when_asked_for(run: Run) -> None:
    (row,) = objects(run("--json", "--vocabulary", "sisimai", "--vocabulary", "kumomta", "550 5.1.1 User unknown")[1])
    assert row["vocabulary"] == {"sisimai": "userunknown", "kumomta": "InvalidRecipient"}
    (row,) = objects(run("--json", "--vocabulary", "sisimai", "hello")[1])
    assert row["vocabulary"] == {"sisimai": None}
    assert "Sisimai says       userunknown" in run("--vocabulary", "sisimai", "550 5.1.1 User unknown")[1]


def test_parse_gives_other_systems_names_too(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(bounce("alice@example.org"))
    systems = [word for name in vocabularies() for word in ("--vocabulary", name)]
    done = dsnparse_command(tmp_path, "parse", "--json", *systems, "a.eml")
    row = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(row)
    assert set(row["recipients"][0]["vocabulary"]) == set(vocabularies())
    plain = json.loads(dsnparse_command(tmp_path, "parse", "--json", "a.eml").stdout)
    assert "vocabulary" not in plain["recipients"][0]
    assert b"--vocabulary goes with --json" in dsnparse_command(tmp_path, "parse", *systems, "a.eml").stderr


def test_parse_takes_own_rules(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(bounce("alice@example.org"))
    (tmp_path / "my.toml").write_text(RULES)
    done = dsnparse_command(tmp_path, "parse", "--json", "--rules", "my.toml", "a.eml")
    assert json.loads(done.stdout)["recipients"][0]["rule"] == "mine"


def test_the_tables_are_complete(run: Run) -> None:
    reasons = run("--list", "reasons")[1].splitlines()
    assert [line.split()[0] for line in reasons] == ["reason", *Reason]
    codes = [line.split()[0] for line in run("--list", "codes")[1].splitlines()]
    assert {"X.1.1", "X.7.30", "250", "550", "556"} <= set(codes)
    rows = objects(run("--list", "codes", "--json")[1])
    assert [row["code"] for row in rows] == codes[1:]
    assert {row["reason"] for row in objects(run("--list", "reasons", "--json")[1])} == set(Reason)


@pytest.mark.corpus
def test_every_case_of_the_public_code_lists_is_explained(run: Run, corpus: Path) -> None:
    path = corpus.parent / "knowledge" / "code_list_cases.jsonl"
    if not path.exists():
        pytest.skip("no cases of public code lists beside the corpus")
    for case in objects(path.read_text("utf-8")):
        code, out, _ = run("-", stdin=case["input"].encode())
        assert code == 0
        assert "What it means" in out
        if case["kind"] == "vendor_meaning":
            assert "Beware" in out, case["input"]

"""Hold the figures on the labelled corpus: print them, and fail when one falls below its floor.

python .ci/gates.py CORPUS        CORPUS holds dev/, replies.jsonl, score.py and score_replies.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Percent, by metric and group of score.py.
FLOORS = {
    ("kind", "sisimai-dsn"): 98.0,
    ("addresses", "sisimai-dsn"): 99.0,
    ("status", "sisimai-dsn"): 98.0,
    ("hard", "sisimai-dsn"): 97.0,
    ("addresses", "flufl"): 100.0,
    ("addresses", "sisimai-text"): 97.0,
    ("kind", "ALL"): 99.0,
    ("addresses", "ALL"): 99.0,
    ("hard", "ALL"): 98.0,
    ("reason", "ALL"): 94.0,
    ("status", "ALL"): 99.0,
}
MUST_BE_ZERO = ("wrongly_hard", "failed_on_nonbounce", "without_answer")

# Percent at most, or at least, of score_replies.py.
REPLIES_AT_MOST = {"false_hard": 0.5, "missed_hard": 8.0}
REPLIES_AT_LEAST = {"reason": 90.0}


def run(*command: str) -> str:
    """Run a command, give its output; one that fails ends the gates."""
    return subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, check=True, text=True).stdout


def percent(right: int, of: int) -> float:
    """Return a share of 100, 0 of nothing."""
    return 100 * right / of if of else 0.0


def mails(corpus: Path) -> list[str]:
    """Score the mails; return what fell short."""
    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    answers = Path(name)
    answers.write_text(run("-m", "dsnparse", "parse", "--json", str(corpus / "dev" / "mails")), "utf-8")
    scorer = [str(corpus / "score.py"), str(corpus / "dev"), "--predictions", str(answers)]
    print(run(*scorer))
    figures = json.loads(run(*scorer, "--json"))
    short = [f"{name}: {figures[name]}, must be 0" for name in MUST_BE_ZERO if figures[name]]
    for (metric, group), floor in FLOORS.items():
        reached = percent(*figures[metric][group])
        if reached < floor:
            short.append(f"{metric} in {group}: {reached:.1f} %, must be {floor} %")
    bugs = [
        row["source"]
        for row in map(json.loads, answers.read_text("utf-8").splitlines())
        if any(defect["code"] == "internal_error" for defect in row["defects"])
    ]
    answers.unlink()
    return short + [f"internal_error on {source}" for source in bugs]


def replies(corpus: Path) -> list[str]:
    """Score the replies; return what fell short."""
    scorer = [str(corpus / "score_replies.py"), str(corpus / "replies.jsonl")]
    figures = {name: percent(*counts) for name, counts in json.loads(run(*scorer, "--json")).items()}
    for name, reached in figures.items():
        print(f"{name:13}{reached:5.1f} %")
    return [
        f"replies, {name}: {reached:.1f} %"
        for name, reached in figures.items()
        if reached > REPLIES_AT_MOST.get(name, 100.0) or reached < REPLIES_AT_LEAST.get(name, 0.0)
    ]


def main() -> int:
    """Print the figures; 1 when a gate fell."""
    corpus = Path(sys.argv[1])
    short = [*mails(corpus), *replies(corpus)]
    for line in short:
        print("GATE FELL:", line)
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())

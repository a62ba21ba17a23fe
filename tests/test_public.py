"""The public face: names, what an import costs, and what it must not do."""

from __future__ import annotations

import subprocess
import sys

import dsnparse

NAMES = [
    "About",
    "Action",
    "AddressAdvice",
    "AddressAdviceKind",
    "BounceType",
    "Confidence",
    "Config",
    "ConfigError",
    "Decision",
    "Defect",
    "DsnparseError",
    "Event",
    "Guard",
    "History",
    "Kind",
    "LedgerError",
    "Original",
    "Policy",
    "Reason",
    "Recipient",
    "Report",
    "Retry",
    "RetryAdvice",
    "RulesError",
    "SourceError",
    "Stage",
    "Summary",
    "Trust",
    "TrustSettings",
    "Verdict",
    "Wanted",
    "__version__",
    "decide",
    "parse",
    "preset",
    "process",
    "return_path",
]


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_public_names_are_these_and_no_others() -> None:
    assert sorted(dsnparse.__all__) == sorted(NAMES)
    assert all(hasattr(dsnparse, name) for name in NAMES)


def test_import_loads_no_command_line_no_network_and_no_database() -> None:
    heavy = {"click", "rich", "urllib3", "sqlite3", "flufl.bounce", "socket"}
    loaded = run("import sys, dsnparse; print(*sys.modules)").split()
    assert heavy & set(loaded) - baseline() == set()


def baseline() -> set[str]:
    """Return what a bare import of the stdlib's own email parser loads."""
    return set(run("import sys, email.parser, email.utils; print(*sys.modules)").split())


def test_parse_stays_callable_after_every_submodule_was_imported() -> None:
    code = """
import importlib, pkgutil, dsnparse
for module in pkgutil.walk_packages(dsnparse.__path__, "dsnparse."):
    if module.name not in {"dsnparse.__main__", "dsnparse.mailman.runner"}:  # the latter runs within Mailman only
        importlib.import_module(module.name)
print(dsnparse.parse(b"").kind, callable(dsnparse.process), callable(dsnparse.decide))
"""
    assert run(code) == "other True True\n"


def test_the_package_says_that_it_is_typed() -> None:
    assert run("import importlib.resources as r; print(r.files('dsnparse').joinpath('py.typed').is_file())") == "True\n"

"""dsnparse reads the mail that comes back, and says for each recipient what happened and whether the address is dead.

    report = dsnparse.parse(raw)
    for recipient in report.recipients:
        print(recipient.address, recipient.verdict.bounce_type, recipient.verdict.reason)

Whoever writes list software of their own calls `process` (docs/library.md), or builds on the pure pieces below it:
`preset` and `decide` say what is wanted for an address, `return_path` signs a return path.

It is no mail server, no newsletter tool, no spam filter and no address verifier.

Each name is loaded when it is first used, so that a command that only prints its version starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dsnparse.config import Config
    from dsnparse.errors import ConfigError, DsnparseError, LedgerError, RulesError, SourceError
    from dsnparse.model import (
        About,
        Action,
        AddressAdvice,
        AddressAdviceKind,
        BounceType,
        Confidence,
        Decision,
        Defect,
        Event,
        Guard,
        Kind,
        Original,
        Reason,
        Recipient,
        Report,
        Retry,
        RetryAdvice,
        Stage,
        Trust,
        Verdict,
        Wanted,
    )
    from dsnparse.pipeline import Summary, process
    from dsnparse.policy import History, Policy, decide, preset
    from dsnparse.reading import parse
    from dsnparse.trust import TrustSettings, return_path

__version__ = "0.1.0"

__all__ = [
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

_HOMES: Final = {
    "parse": "reading",
    "process": "pipeline",
    "Summary": "pipeline",
    "Config": "config",
    **dict.fromkeys(("History", "Policy", "decide", "preset"), "policy"),
    **dict.fromkeys(("TrustSettings", "return_path"), "trust"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        problem = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(problem)
    home = _HOMES.get(name, "errors" if name.endswith("Error") else "model")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

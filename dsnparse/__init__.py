"""dsnparse reads the mail that comes back, and says for each recipient what happened and whether the address is dead.

    report = dsnparse.parse(raw)
    for recipient in report.recipients:
        print(recipient.address, recipient.verdict.bounce_type, recipient.verdict.reason)

It is no mail server, no newsletter tool, no spam filter and no address verifier.

Each name is loaded when it is first used, so that a command that only prints its version starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsnparse.errors import ConfigError, DsnparseError, LedgerError, RulesError, SourceError
    from dsnparse.model import (
        About,
        Action,
        AddressAdvice,
        AddressAdviceKind,
        BounceType,
        Confidence,
        Defect,
        Kind,
        Original,
        Reason,
        Recipient,
        Report,
        Retry,
        RetryAdvice,
        Stage,
        Verdict,
    )
    from dsnparse.reading import parse

__version__ = "0.1.0"

__all__ = [
    "About",
    "Action",
    "AddressAdvice",
    "AddressAdviceKind",
    "BounceType",
    "Confidence",
    "ConfigError",
    "Defect",
    "DsnparseError",
    "Kind",
    "LedgerError",
    "Original",
    "Reason",
    "Recipient",
    "Report",
    "Retry",
    "RetryAdvice",
    "RulesError",
    "SourceError",
    "Stage",
    "Verdict",
    "__version__",
    "parse",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        problem = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(problem)
    home = "reading" if name == "parse" else "errors" if name.endswith("Error") else "model"
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

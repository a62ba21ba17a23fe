"""A bounce runner for GNU Mailman 3 that counts dead addresses, and nothing else, against members.

In mailman.cfg, with dsnparse installed into Mailman's own virtual environment:

    [runner.bounces]
    class: dsnparse.mailman.BounceRunner

docs/mailman.md tells what it does.  Nothing here needs Mailman until `BounceRunner` is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsnparse.mailman.runner import BounceRunner

__all__ = ["BounceRunner"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        problem = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(problem)
    from dsnparse.mailman.runner import BounceRunner  # noqa: PLC0415 - raises ImportError outside of Mailman

    return BounceRunner

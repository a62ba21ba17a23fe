"""Cells of CSV that people open in a spreadsheet."""

from __future__ import annotations

from typing import Final

__all__ = ["guard"]

# What a spreadsheet takes for a formula, the full-width forms too: OWASP, "CSV Injection".
_FORMULA: Final = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def guard(text: str) -> str:
    """Return the apostrophe that is to stand in front of a cell which would be taken for a formula, else nothing."""
    return "'" if text.startswith(_FORMULA) else ""

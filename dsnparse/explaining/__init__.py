"""A recipient, a bare code or a reply in plain words: what it means, whose fault it is, what to do.

Pure: the sentences stand in `words.toml`; the times and the advice are those of the verdict.
"""

from __future__ import annotations

from dsnparse.explaining.pasted import is_mail, read_pasted, read_reply
from dsnparse.explaining.sentences import Explanation, explain, explain_mail, in_one_line

__all__ = ["Explanation", "explain", "explain_mail", "in_one_line", "is_mail", "read_pasted", "read_reply"]

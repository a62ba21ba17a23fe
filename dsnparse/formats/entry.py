"""The paragraph in which Postfix names a report's recipient: all that is read where nothing but the stage is missing.

`<address>: host mx.example.org said: 550 ... (in reply to RCPT TO command)`, further lines indented, a blank line
behind (bounce_notify_util.c). Every other form, and every report with several recipients, is left to the formats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsnparse.smtp.reply import read as read_reply
from dsnparse.text.decode import one_line

if TYPE_CHECKING:
    from dsnparse.model import Block, Stage

__all__ = ["stage_beside"]

_NOTE: Final = "in reply to"


def stage_beside(block: Block, text: str) -> Stage | None:
    """Return the stage at which a block's reply was given, as the paragraph of its address tells; None without one."""
    name = f"\n<{block.address}>: "
    start = text.find(name)
    if start < 0:
        return None
    end = text.find("\n\n", start + 1)
    paragraph = text[start + len(name) : end if end >= 0 else None]
    if _NOTE not in paragraph or "\n<" in paragraph or "\n-" in paragraph:
        return None
    reply = read_reply(one_line(paragraph))
    return reply.stage if reply.code == block.reply_code else None

"""The dialogue that Postfix sends to its postmaster when a client's session went wrong.

Source: Postfix smtpd_chat.c prints ` In:  command` and ` Out: reply`, with further lines indented by five.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dsnparse.formats.blocks import Found
from dsnparse.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsnparse.formats.notice import Notice

__all__ = ["read"]

_SAID: Final = re.compile(r" {0,4}(?P<who>In|Out): {1,4}(?P<text>.{1,1000})")
_RCPT: Final = re.compile(r"RCPT\s{1,4}TO:\s{0,3}<(?P<address>[^<>\s]{1,320})>", re.IGNORECASE)


def read(notice: Notice) -> Iterator[Found]:
    """Yield each recipient that was refused, and all accepted ones when the message itself was."""
    accepted: list[str] = []
    command = ""
    for line in notice.lines:
        said = _SAID.match(line)
        if said is None:
            command += f" {line.strip()}" if line.startswith("     ") else ""
        elif said["who"] == "In":
            command = said["text"]
        elif target := _RCPT.match(command):
            if said["text"][:1] in "45":
                yield Found(address=target["address"], text=said["text"], stage=Stage.RCPT)
            elif said["text"][:1] == "2":
                accepted.append(target["address"])
        elif command.upper().startswith(("DATA", "BDAT")) and said["text"][:1] in "45":
            for address in accepted:
                yield Found(address=address, text=said["text"], stage=Stage.EOD)
            accepted = []

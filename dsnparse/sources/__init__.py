"""Step 1: where mail lies.

A folder with `new/` or `cur/` is a Maildir; in any other folder every regular file below is a mail, dotfiles left out,
and `*.mbox` holds many.  Names are sorted in folders of up to 10,000 entries; a larger one is taken in the order of the
file system, so that a Maildir of a million mails needs no memory and starts at once.
"""

from __future__ import annotations

from dsnparse.sources.base import Found, Unreadable
from dsnparse.sources.files import check, read_path
from dsnparse.sources.maildir import move_to_cur

__all__ = ["Found", "Unreadable", "check", "move_to_cur", "read_path"]

"""A contestant: the stdlib's parser alone, `python reader_stdlib.py FOLDER`.  Nothing is read out of the mails."""

from __future__ import annotations

import sys
from email import message_from_bytes
from pathlib import Path

for path in sorted(Path(sys.argv[1]).iterdir()):
    message_from_bytes(path.read_bytes())

"""A contestant: flufl.bounce behind the stdlib's parser, `python reader_flufl.py FOLDER`; it finds addresses only."""

from __future__ import annotations

import sys
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path

from flufl.bounce import all_failures

for path in sorted(Path(sys.argv[1]).iterdir()):
    with suppress(Exception):  # some mails are too much for one of its detectors
        all_failures(message_from_bytes(path.read_bytes()))

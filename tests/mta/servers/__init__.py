"""One file per mail server: its set-up and its cases, as data."""

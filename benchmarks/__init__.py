"""How fast dsnparse reads mail, beside others that read the same mail.  `python -m benchmarks`; see README.md."""

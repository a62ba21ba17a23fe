"""Tolerant reading of bytes and words: the limits, line ends, charsets, headers, addresses, HTML."""

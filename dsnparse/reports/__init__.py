"""Step 3: reports with a part for machines: RFC 3464 and 6533, RFC 5965, RFC 8098, and answers by RFC 3834."""

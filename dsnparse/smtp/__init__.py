"""What SMTP says: code tables, and codes, stages and joined replies found in text."""

"""Runs real mail servers on loopback and keeps the bounces that they print."""

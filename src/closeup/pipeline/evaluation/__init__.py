"""Use cases that measure against truth."""

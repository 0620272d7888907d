"""Commands that measure against truth."""

"""Commands that search pictures for faces."""

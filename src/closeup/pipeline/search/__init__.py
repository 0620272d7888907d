"""Use cases that search pictures for faces."""

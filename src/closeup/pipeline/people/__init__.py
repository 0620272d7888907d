"""Use cases about who people are."""

"""Commands about who people are."""

"""Commands of effects."""

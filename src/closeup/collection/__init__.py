"""Data sets for learning: what they hold, and whether it can be true."""

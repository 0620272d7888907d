"""Data sets: their contents, checks and composition."""

"""Data sets: what they hold, and how they are checked and composed."""

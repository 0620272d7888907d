"""Data sets of eye crops with pupil labels."""

"""Marks and letters on pictures."""

"""Drawn people and stages whose truth is known."""

"""Drawn people and stages with exact ground truth."""

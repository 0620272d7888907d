"""Tracking of heads over time, and their tracklets."""

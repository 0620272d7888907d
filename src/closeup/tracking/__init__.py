"""Joining faces over time into tracklets."""

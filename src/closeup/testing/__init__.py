"""Synthetic scenes with known truth, for our tests and for yours."""

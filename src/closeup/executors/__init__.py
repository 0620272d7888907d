"""Executors: parallel work on many items, with results in order."""

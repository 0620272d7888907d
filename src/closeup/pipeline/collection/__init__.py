"""Use cases that collect pictures for data sets."""

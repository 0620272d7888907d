"""Use cases that build data sets."""

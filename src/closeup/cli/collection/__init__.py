"""Commands that collect pictures for data sets."""

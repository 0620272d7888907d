"""Readers and writers of the label formats of public data sets, one file per format."""

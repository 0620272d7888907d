"""Naming, atomic writing and resuming of files and folders."""

"""Use cases that enrol, identify, compare and cluster people."""

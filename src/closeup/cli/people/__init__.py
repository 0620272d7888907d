"""Commands that enrol, compare and cluster people."""

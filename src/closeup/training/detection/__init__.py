"""Training of detectors: faces with five points, and the members of a group."""

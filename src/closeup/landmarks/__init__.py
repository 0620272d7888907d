"""Feature points of a face, and the aligned pictures cut by them."""

"""Models: what there is, where it is, what its licence allows, and how to open it."""

"""Use cases that train networks, and studies of their training."""

"""Commands that train networks, and studies of their training."""

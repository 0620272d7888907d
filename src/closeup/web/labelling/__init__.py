"""The labeller in the browser."""

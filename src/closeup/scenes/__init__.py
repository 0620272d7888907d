"""Pictures composed of faces, light and clutter, with exact labels, to learn from."""

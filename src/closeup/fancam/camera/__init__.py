"""Where each crop is: calm paths that hold the face."""

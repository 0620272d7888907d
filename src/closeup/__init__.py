"""Closeup finds every face in a video, knows who each one is, and makes close-ups of them."""

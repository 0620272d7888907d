"""Training of face embeddings."""

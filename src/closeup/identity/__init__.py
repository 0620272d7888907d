"""Face recognition: embeddings, galleries and their calibration."""

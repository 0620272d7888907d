"""Who a face is: embeddings, galleries and their calibration."""

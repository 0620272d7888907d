"""The loop for member boxes: frames of a stage, faces and photos, and a detector."""

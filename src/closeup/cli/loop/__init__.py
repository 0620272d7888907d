"""The loop of labelling and training."""

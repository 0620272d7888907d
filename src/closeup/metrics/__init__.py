"""Metrics of detections, for reports and for training."""

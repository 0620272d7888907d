"""The report of a run: results, confidences and doubts."""

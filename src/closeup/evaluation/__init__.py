"""Evaluation of face verification, detection and pupils by the measures of the literature."""

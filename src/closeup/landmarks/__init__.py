"""Landmarks of a face, and aligned face pictures cut by them."""

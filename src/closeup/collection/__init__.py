"""Collected pictures: which frames are taken, how alike pictures are, where each came from."""

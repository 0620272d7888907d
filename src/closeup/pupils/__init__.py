"""Pupils: eye crops, and the ways to find a centre in them."""

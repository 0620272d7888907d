"""Use cases that make fancams, and what they learn from them."""

"""Networks that find pupils: their samples, their shape, and what they learn."""

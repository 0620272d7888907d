"""What was found, how sure it is, and what may be wrong."""

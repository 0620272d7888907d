"""The database: labels, and who is working on what."""

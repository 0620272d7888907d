"""One close-up video for every member."""

"""How well faces are told apart and pupils are found, measured as others measure it, too."""

"""How well faces are told apart and pupils are found, measured by protocols that others use, too."""

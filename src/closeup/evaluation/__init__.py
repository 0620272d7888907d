"""How well faces are told apart, measured by protocols that others use, too."""

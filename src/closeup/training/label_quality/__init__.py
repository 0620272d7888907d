"""Training of the network that tells good labels from bad ones, with class activation maps."""

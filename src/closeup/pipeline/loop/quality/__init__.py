"""Training of the network that tells good labels from bad ones, on the verdicts of a store."""

"""Training of the network that scores the candidates of a face detector again."""

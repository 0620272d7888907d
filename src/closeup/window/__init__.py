"""Windows: the outer room of a camera and of what is done at a screen."""

"""Models: their catalogue, files and licences, and the functions that open them."""

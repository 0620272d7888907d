"""Where work runs: so many things at a time, in order."""

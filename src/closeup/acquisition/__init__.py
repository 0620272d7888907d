"""Active learning: which samples are labelled next, and when more labels no longer pay."""

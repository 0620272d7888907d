"""Use cases of labelling: opening projects, proposals, exchange with files, checks."""

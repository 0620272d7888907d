"""Labels in the formats of public data sets: one file a format, parsed values only."""

"""Commands that measure, search, recolour and generate pictures."""

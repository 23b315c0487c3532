"""A trained classifier as one file that needs nothing of this package."""

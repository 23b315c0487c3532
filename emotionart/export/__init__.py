"""Export of a trained classifier to one file that does not depend on this package."""

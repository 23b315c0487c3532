"""A page that reads, sorts, makes and labels pictures."""

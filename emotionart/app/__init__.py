"""A page that reads, sorts, makes, recolours and labels pictures."""

"""A web page that reads, browses, generates, recolours and labels pictures."""

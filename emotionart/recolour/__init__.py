"""A picture's colours, moved towards those of an emotion."""

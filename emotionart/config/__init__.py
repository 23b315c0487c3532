"""Configuration: groups, composition, and checks before anything starts."""

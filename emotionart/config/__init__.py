"""The configuration: groups, composition, and checks before anything starts."""

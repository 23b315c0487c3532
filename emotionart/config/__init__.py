"""The configuration: groups, composition, and checks before a run starts."""

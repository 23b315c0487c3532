"""Checks of a composed configuration: values, keys, and what its parts ask of each other."""

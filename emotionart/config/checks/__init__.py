"""Checks of a composed configuration: values, keys, and the consistency of its parts."""

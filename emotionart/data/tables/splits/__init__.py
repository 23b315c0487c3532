"""Splits: made here, or given with the data."""

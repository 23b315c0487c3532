"""Sweeps and searches: many runs, planned, launched and resumed."""

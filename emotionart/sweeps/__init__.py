"""Sweeps and searches: planned, launched, resumed."""

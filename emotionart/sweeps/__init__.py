"""Sweeps and searches: runs planned, launched, resumed."""

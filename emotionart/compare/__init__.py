"""Comparison of runs: tables, significance tests, pages."""

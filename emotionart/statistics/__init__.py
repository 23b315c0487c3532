"""Metrics, intervals, tests, agreement: numbers only."""

"""Metrics, intervals, tests, annotator agreement."""

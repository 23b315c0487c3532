"""Metrics, confidence intervals, tests and annotator agreement."""

"""Metrics with intervals, baselines and figures."""

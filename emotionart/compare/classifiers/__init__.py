"""Comparison of classifiers: rows, predictions, differences, ensembles, learning curves, table."""

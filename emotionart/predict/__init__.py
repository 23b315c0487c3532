"""Predictions of trained classifiers for any pictures, as tables and as a page."""

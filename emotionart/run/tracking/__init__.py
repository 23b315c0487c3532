"""Weights & Biases: connection, run, columns, artifacts."""

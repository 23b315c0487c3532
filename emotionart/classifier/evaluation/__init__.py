"""Evaluation of a classifier on new artworks: test, baselines, findings."""

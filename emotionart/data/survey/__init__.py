"""Checks of and reports on a data set before training."""

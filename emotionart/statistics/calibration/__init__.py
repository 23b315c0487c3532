"""Calibration of a model's confidence, and methods to improve it."""

"""Unlabelled works as seen by a classifier: similar ones, ones with an emotion, and ones to label next."""

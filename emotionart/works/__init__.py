"""Unlabelled works as seen by a classifier: similar ones, ones of a class, and ones to label next."""

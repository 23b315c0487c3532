"""Trained classifiers at work: what they say of any pictures, as tables and as a page."""

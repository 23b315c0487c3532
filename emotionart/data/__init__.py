"""Artwork tables, label grouping, splits, views, pictures, and the built-in gallery."""

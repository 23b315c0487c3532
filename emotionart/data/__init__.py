"""Artworks: tables, pictures, persons, the gallery, and batches of them."""

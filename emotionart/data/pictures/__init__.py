"""Decoding, hashing, transforming and storing pictures."""

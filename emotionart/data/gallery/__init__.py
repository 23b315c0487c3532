"""The built-in gallery: procedural paintings with known emotions."""

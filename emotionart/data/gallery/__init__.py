"""The built-in gallery: procedural paintings whose emotions are known."""

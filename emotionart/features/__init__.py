"""Image features computed from one picture."""

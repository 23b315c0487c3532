"""Numbers computed from one picture."""

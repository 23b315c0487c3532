"""Numbers computed from one picture, as plain functions on arrays."""

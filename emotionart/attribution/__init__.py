"""Maps, activation maximisation, and how far to trust them."""

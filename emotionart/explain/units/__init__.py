"""What the units of a network's layer answer to, and what classes lose without them."""
